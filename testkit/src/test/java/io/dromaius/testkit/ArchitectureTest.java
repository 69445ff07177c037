package io.dromaius.testkit;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;

/** What may know of what, and what is not done anywhere. */
@AnalyzeClasses(packages = "io.dromaius", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    private static final String[] WORKERS = {
        "io.dromaius.shard..", "io.dromaius.encoder..", "io.dromaius.decoder..", "io.dromaius.coordinator.."
    };

    @ArchTest
    static final ArchRule THE_MODEL_KNOWS_NO_NETWORK = noClasses()
            .that()
            .resideInAPackage("io.dromaius.model..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.grpc..",
                    "org.apache.curator..",
                    "org.apache.zookeeper..",
                    "io.dromaius.node..",
                    "io.dromaius.wire..",
                    "io.dromaius.proto..");

    @ArchTest
    static final ArchRule THE_NODE_KNOWS_NO_MODEL_AND_NO_ROLE = noClasses()
            .that()
            .resideInAnyPackage("io.dromaius.node..", "io.dromaius.wire..")
            .should()
            .dependOnClassesThat(resideInAnyPackage(WORKERS).or(resideInAnyPackage("io.dromaius.model..", "ai.djl..")));

    @ArchTest
    static final ArchRule THE_COORDINATOR_TOUCHES_NO_TENSOR = noClasses()
            .that()
            .resideInAPackage("io.dromaius.coordinator..")
            .should()
            .dependOnClassesThat(resideInAnyPackage("io.dromaius.model..", "ai.djl..")
                    .and(resideOutsideOfPackages("io.dromaius.model.spec", "io.dromaius.model.text"))
                    .and(DescribedPredicate.not(JavaClass.Predicates.simpleName("Checkpoint")
                            .or(JavaClass.Predicates.simpleName("WeightException")))));

    @ArchTest
    static final ArchRule ROLES_DO_NOT_KNOW_EACH_OTHER = slices().matching(
                    "io.dromaius.(shard|encoder|decoder|coordinator)..")
            .should()
            .notDependOnEachOther();

    @ArchTest
    static final ArchRule THE_ENGINE_IS_PLAIN_JAVA = noClasses()
            .that()
            .resideInAnyPackage("io.dromaius.coordinator.engine..", "io.dromaius.coordinator.kv..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.grpc..",
                    "org.apache.curator..",
                    "ai.djl..",
                    "io.dromaius.proto..",
                    "io.dromaius.wire..",
                    "io.dromaius.node..",
                    "io.dromaius.model..",
                    "java.util.concurrent.locks..",
                    "java.util.concurrent.atomic..");

    @ArchTest
    static final ArchRule THE_ENGINE_HAS_NO_VOLATILE_FIELD = ArchRuleDefinition.noFields()
            .that()
            .areDeclaredInClassesThat()
            .resideInAnyPackage("io.dromaius.coordinator.engine..", "io.dromaius.coordinator.kv..")
            .should()
            .haveModifier(JavaModifier.VOLATILE);

    @ArchTest
    static final ArchRule THE_ENGINE_HAS_NO_LOCK = ArchRuleDefinition.noMethods()
            .that()
            .areDeclaredInClassesThat()
            .resideInAnyPackage("io.dromaius.coordinator.engine..", "io.dromaius.coordinator.kv..")
            .should()
            .haveModifier(JavaModifier.SYNCHRONIZED);

    @ArchTest
    static final ArchRule USERS_SEE_NOTHING_INTERNAL = noClasses()
            .that()
            .resideInAPackage("io.dromaius.client..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.dromaius.proto.internal..", "io.dromaius.wire..", "io.dromaius.node..");

    @ArchTest
    static final ArchRule TIME_IS_INJECTED = noClasses()
            .that()
            .resideOutsideOfPackages("io.dromaius.node..", "io.dromaius.cli..", "io.dromaius.testkit..")
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Thread.class, "sleep", long.class);

    @ArchTest
    static final ArchRule ONLY_THE_WIRE_WRAPS_BYTES_UNSAFELY = noClasses()
            .that()
            .resideOutsideOfPackage("io.dromaius.wire..")
            .should()
            .dependOnClassesThat()
            .haveSimpleName("UnsafeByteOperations");

    private ArchitectureTest() {}
}

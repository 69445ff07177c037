package io.dromaius.testkit;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.google.common.base.Ticker;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import com.tngtech.archunit.library.GeneralCodingRules;
import io.dromaius.node.Node;
import io.dromaius.node.NodeMain;
import java.time.Clock;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Condition;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

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
                    .and(DescribedPredicate.not(JavaClass.Predicates.simpleName("Checkpoint"))));

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
    static final ArchRule THE_ENGINE_HAS_NO_CLOCK = noClasses()
            .that()
            .resideInAnyPackage("io.dromaius.coordinator.engine..", "io.dromaius.coordinator.kv..")
            .should()
            .dependOnClassesThat()
            .areAssignableTo(Clock.class)
            .orShould()
            .callMethod(Ticker.class, "systemTicker");

    @ArchTest
    static final ArchRule NATIVE_MEMORY_IS_BEHIND_TENSORS = noClasses()
            .that()
            .resideOutsideOfPackage("io.dromaius.model.torch..")
            .should()
            .dependOnClassesThat(resideInAnyPackage("ai.djl..").and(resideOutsideOfPackages("ai.djl.sentencepiece..")));

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
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(Thread.class, "sleep", long.class);

    /** Of what waits only a process for its own end, and threads for work, wait without a limit. */
    @ArchTest
    static final ArchRule WAITS_HAVE_DEADLINES = noClasses()
            .that()
            .resideOutsideOfPackage("io.dromaius.cli..")
            .and()
            .doNotBelongToAnyOf(Node.class)
            .should()
            .callMethodWhere(waitsForEver());

    @ArchTest
    static final ArchRule ONLY_COMMANDS_PRINT = noClasses()
            .that()
            .resideOutsideOfPackage("io.dromaius.cli..")
            .and()
            .doNotBelongToAnyOf(NodeMain.class)
            .should(GeneralCodingRules.ACCESS_STANDARD_STREAMS);

    // NullAway looks at nothing else.
    @ArchTest
    static final ArchRule EVERY_PACKAGE_IS_NULL_MARKED = classes()
            .that()
            .resideOutsideOfPackage("io.dromaius.proto..")
            .should(ArchCondition.from(DescribedPredicate.describe(
                    "be in a package that is @NullMarked",
                    javaClass -> javaClass.getPackage().isAnnotatedWith(NullMarked.class))));

    @ArchTest
    static final ArchRule NAMES_SAY_WHAT_A_CLASS_IS = noClasses()
            .that()
            .resideOutsideOfPackage("io.dromaius.proto..")
            .should()
            .haveNameMatching(".*(Manager|Helper|Utils?|Impl)");

    @ArchTest
    static final ArchRule ONLY_THE_WIRE_WRAPS_BYTES_UNSAFELY = noClasses()
            .that()
            .resideOutsideOfPackage("io.dromaius.wire..")
            .should()
            .dependOnClassesThat()
            .haveSimpleName("UnsafeByteOperations");

    private static DescribedPredicate<JavaMethodCall> waitsForEver() {
        Set<String> untimed = Set.of("get", "join", "await", "waitFor", "awaitUninterruptibly");
        return DescribedPredicate.describe(
                "waits without a deadline",
                call -> untimed.contains(call.getName())
                        && call.getTarget().getRawParameterTypes().isEmpty()
                        && Stream.of(Future.class, Thread.class, CountDownLatch.class, Process.class, Condition.class)
                                .anyMatch(call.getTargetOwner()::isAssignableTo));
    }

    private ArchitectureTest() {}
}

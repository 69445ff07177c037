package io.dromaius.node;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A component of a configuration record that is read from a file, the environment or a flag.
 *
 * <p>The component's name is the key ({@code metricsPort}); the flag ({@code --metrics-port}) and the variable
 * ({@code EMU_METRICS_PORT}) follow from it.
 */
@Target(ElementType.RECORD_COMPONENT)
@Retention(RetentionPolicy.RUNTIME)
public @interface Setting {
    /** The meaning of a key without default: an {@code Optional} is then empty and anything else has to be given. */
    String REQUIRED = "";

    /** The default, written as it would be in the file. */
    String byDefault() default REQUIRED;

    /** One line for {@code --help}. */
    String help();
}

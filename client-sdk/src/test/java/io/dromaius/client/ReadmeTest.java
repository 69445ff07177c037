package io.dromaius.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's Java is Java. */
class ReadmeTest {
    private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    @TempDir
    private Path classes;

    @Test
    void examplesCompileAgainstThisClient() throws IOException {
        List<String> examples = BLOCK.matcher(Files.readString(Path.of("..", "README.md")))
                .results()
                .map((MatchResult block) -> block.group(1))
                .toList();
        assertThat(examples).isNotEmpty();

        for (String example : examples) {
            StringWriter complaints = new StringWriter();
            JavaCompiler.CompilationTask task = ToolProvider.getSystemJavaCompiler()
                    .getTask(
                            complaints,
                            null,
                            null,
                            List.of(
                                    "-d",
                                    classes.toString(),
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    "-Xlint:deprecation",
                                    "-Werror",
                                    "-proc:none"),
                            null,
                            List.of(new Source(example)));
            assertThat(task.call()).as(complaints.toString()).isTrue();
        }
    }

    private static final class Source extends SimpleJavaFileObject {
        private static final Pattern NAME = Pattern.compile("public final class (\\w+)");
        private final String code;

        Source(String code) {
            super(
                    URI.create("string:///"
                            + NAME.matcher(code)
                                    .results()
                                    .findFirst()
                                    .orElseThrow()
                                    .group(1)
                            + JavaFileObject.Kind.SOURCE.extension),
                    JavaFileObject.Kind.SOURCE);
            this.code = code;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return code;
        }
    }
}

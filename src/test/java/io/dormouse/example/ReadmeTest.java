package io.dormouse.example;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the README shows is what compiles. */
class ReadmeTest {
  private static final Pattern JAVA_BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern EXAMPLE =
      Pattern.compile("// begin: \\w+\n(.*?)// end: \\w+\n", Pattern.DOTALL);

  @Test
  void everyJavaBlockOfTheReadmeIsCompiledCode() throws IOException {
    List<String> shown = matches(JAVA_BLOCK, Path.of("README.md"));
    List<String> compiled =
        matches(EXAMPLE, Path.of("src/test/java/io/dormouse/example/QuickStart.java"));
    assertThat(shown).isNotEmpty().isEqualTo(compiled);
  }

  @Test
  void theQuickStartRegistersOneOfEachKind() {
    try (QuickStart app = new QuickStart()) {
      assertThat(app.registry.connections())
          .extracting(Connection::name)
          .containsExactly("api", "telemetry", "discovery", "chat");
      assertThat(app.registry.connections())
          .extracting(Connection::state)
          .containsOnly(ConnectionState.SUSPENDED);
    }
  }

  private static List<String> matches(Pattern pattern, Path file) throws IOException {
    List<String> blocks = new ArrayList<>();
    Matcher matcher = pattern.matcher(Files.readString(file));
    while (matcher.find()) {
      List<String> lines = new ArrayList<>();
      matcher.group(1).lines().map(String::trim).filter(s -> !s.isEmpty()).forEach(lines::add);
      blocks.add(String.join("\n", lines));
    }
    return blocks;
  }
}

package io.dormouse.example;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.support.OwnThreads;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples that are programs, run. */
class ExamplesTest {
  private static final Path FOLDERS = Path.of("src/test/java/io/dormouse/example");
  private static final Path PAGE = Path.of("src/site/markdown/examples.md");

  static Stream<String> examples() throws IOException {
    try (Stream<Path> files = Files.walk(FOLDERS, 2)) {
      List<String> names =
          files
              .filter(file -> file.endsWith("Main.java"))
              .map(file -> file.getParent().getFileName().toString())
              .sorted()
              .toList();
      return names.stream();
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void playsToItsEnd(String example) throws Exception {
    List<String> threadsBefore = OwnThreads.names();
    Method play =
        Class.forName("io.dormouse.example." + example + ".Main").getMethod("play", Stage.class);
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    boolean good =
        new Stage(new PrintStream(out, true, StandardCharsets.UTF_8))
            .perform(stage -> invoke(play, stage));

    String printed = out.toString(StandardCharsets.UTF_8);
    assertThat(good).as(printed).isTrue();
    assertThat(printed).contains("-- foreground", "-- background").doesNotContain("Exception");
    OwnThreads.awaitNoneBesides(threadsBefore);
  }

  private static void invoke(Method play, Stage stage) throws Exception {
    try {
      play.invoke(null, stage);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void hasItsPlaceOnThePage(String example) throws IOException {
    assertThat(Files.readString(PAGE))
        .contains("mvn -q -Dexample=" + example + " test-compile exec:java\n")
        .contains("../../test/java/io/dormouse/example/" + example);
  }

  @Test
  void aFailureIsSaidAndCounts() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Stage stage = new Stage(new PrintStream(out, true, StandardCharsets.UTF_8));
    assertThat(stage.perform(each -> each.expect(false, "it rains"))).isFalse();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("FAILED", "expected that it rains");
  }
}

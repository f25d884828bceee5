package io.dormouse.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.ConnectionRegistry;
import io.dormouse.support.Await;
import java.io.File;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is optional is loaded only when it is used: a JVM that has none of it runs all the rest. */
class OptionalClassesTest {
  private static final String PROGRAM = "io/dormouse/architecture/WithoutOptional.class";

  @Test
  void aJvmWithoutAnythingOptionalRunsAllTheRest(@TempDir Path folder) throws Exception {
    Path program = folder.resolve(PROGRAM);
    Files.createDirectories(program.getParent());
    try (InputStream bytes = getClass().getClassLoader().getResourceAsStream(PROGRAM)) {
      Files.copy(bytes, program);
    }
    Path loaded = folder.resolve("loaded.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--limit-modules",
                "java.base,java.logging",
                "-Xlog:class+load:file=" + loaded,
                "-classpath",
                folder + File.pathSeparator + library() + File.pathSeparator + whatItNeeds(),
                "io.dormouse.architecture.WithoutOptional")
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(Await.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(said.lines()).contains("ran without");
    List<String> classes = Files.readAllLines(loaded);
    assertThat(classes)
        .noneMatch(line -> line.contains(" io.dormouse.testing."))
        .noneMatch(line -> line.contains(".ManualLoop"));
    List<String> adapters =
        classes.stream()
            .filter(line -> line.matches(".* io\\.dormouse\\.(lifecycle|observe)\\..*"))
            .toList();
    assertThat(adapters)
        .anyMatch(line -> line.contains("lifecycle.jvm.ShutdownLifecycle"))
        .noneMatch(line -> line.contains(".lifecycle.android."))
        .noneMatch(line -> line.contains(".lifecycle.crac."))
        .noneMatch(line -> line.contains(".lifecycle.desktop."))
        .noneMatch(line -> line.contains(".observe.jfr."))
        .noneMatch(line -> line.contains(".observe.micrometer."));
  }

  private static String library() throws Exception {
    return Path.of(
            ConnectionRegistry.class.getProtectionDomain().getCodeSource().getLocation().toURI())
        .toString();
  }

  /** Not the tests' own classes, which have stand-ins for some of it. */
  private static String whatItNeeds() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .filter(entry -> entry.endsWith(".jar"))
        .filter(
            entry ->
                !entry.matches(".*/(android|crac|micrometer-[a-z]+|junit-[a-z-]+)-[0-9.]+\\.jar"))
        .collect(Collectors.joining(File.pathSeparator));
  }
}

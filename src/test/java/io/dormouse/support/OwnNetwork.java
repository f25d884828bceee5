package io.dormouse.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A program in a process and a network of its own, where interfaces and addresses can come and go
 * without harm: a network namespace of Linux, with {@code unshare} and {@code ip}.
 */
public final class OwnNetwork {
  private OwnNetwork() {}

  /**
   * Runs a class's {@code main} there, and fails with what it printed if it fails. Where there are
   * no such networks, the test is skipped.
   */
  public static void run(Class<?> program) {
    assumeThat(succeeds("unshare", "-rn", "ip", "link", "set", "lo", "up")).isTrue();
    assumeThat(succeeds("unshare", "-rn", "ip", "link", "add", "try0", "type", "veth")).isTrue();
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    String classPath = System.getProperty("java.class.path");
    try {
      Process process =
          new ProcessBuilder(
                  "unshare",
                  "-rn",
                  // The loopback interface first: whether there is IPv6 is asked at the start.
                  "sh",
                  "-c",
                  "ip link set lo up && exec \"$@\"",
                  "sh",
                  java.toString(),
                  "-cp",
                  classPath,
                  program.getName())
              .redirectErrorStream(true)
              .start();
      String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(printed).isZero();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Runs {@code ip} with these arguments, in the network that this is called in. */
  public static void ip(String arguments) {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments.split(" ", -1)));
    assertThat(succeeds(command.toArray(String[]::new))).as("ip %s", arguments).isTrue();
  }

  private static boolean succeeds(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(Await.LIMIT.toSeconds(), TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false; // no such program
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }
}

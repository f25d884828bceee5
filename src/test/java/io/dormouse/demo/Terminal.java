package io.dormouse.demo;

import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What is known of where the output goes.
 *
 * @param live whether a person looks at a screen on which lines can be drawn anew
 * @param colours whether colours are wanted there
 * @param columns how wide it is
 * @param pace how long each step is shown at least: it takes a few milliseconds, which nobody can
 *     follow
 */
record Terminal(boolean live, boolean colours, int columns, Duration pace) {
  private static final int LEAST_ROWS = 16;
  private static final Duration PACE = Duration.ofMillis(700);

  /** Of what nobody tells the size of. */
  private static final int[] USUAL = {24, 80};

  /** Narrower ones are written to as if they were so wide. */
  private static final int LEAST_COLUMNS = 40;

  /** No screen: a file, a pipe, a test. */
  static final Terminal NONE = plain(USUAL[1]);

  /** One on which lines are only added. */
  static Terminal plain(int columns) {
    return new Terminal(false, false, columns, Duration.ZERO);
  }

  /** Finds out. */
  static Terminal detect(Map<String, String> environment) {
    return isInteractive(System.console())
        ? of(environment, true, size())
        : of(environment, false, USUAL);
  }

  /**
   * Decides.
   *
   * @param interactive whether a person looks at it
   * @param size rows and columns
   */
  static Terminal of(Map<String, String> environment, boolean interactive, int[] size) {
    String asked = environment.getOrDefault("COLUMNS", "");
    int columns =
        Math.max(LEAST_COLUMNS, asked.matches("[1-9]\\d{0,4}") ? Integer.parseInt(asked) : size[1]);
    boolean dumb = environment.getOrDefault("TERM", "dumb").equals("dumb");
    if (!interactive || dumb || size[0] < LEAST_ROWS) {
      return plain(columns);
    }
    // https://no-color.org: set and not empty.
    boolean colours = environment.getOrDefault("NO_COLOR", "").isEmpty();
    return new Terminal(true, colours, columns, PACE);
  }

  /** From JDK 22 on there may be a console without a terminal, which then says so itself. */
  private static boolean isInteractive(Console console) {
    if (console == null) {
      return false;
    }
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }

  /** Rows and columns, as the terminal says. */
  private static int[] size() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(ProcessBuilder.Redirect.INHERIT)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (stty.waitFor(1, TimeUnit.SECONDS)) {
        String answer =
            new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).trim();
        if (answer.matches("[1-9]\\d{0,4} [1-9]\\d{0,4}")) {
          String[] size = answer.split(" ", -1);
          return new int[] {Integer.parseInt(size[0]), Integer.parseInt(size[1])};
        }
      }
    } catch (IOException e) {
      // No such program, as on Windows.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return USUAL.clone();
  }
}

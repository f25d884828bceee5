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

  /** No screen: a file, a pipe, a test. */
  static final Terminal NONE = new Terminal(false, false, 80, Duration.ZERO);

  /** Finds out. */
  static Terminal detect(Map<String, String> environment) {
    String type = environment.getOrDefault("TERM", "dumb");
    if (!isInteractive(System.console()) || type.equals("dumb")) {
      return NONE;
    }
    int[] size = size();
    // https://no-color.org: set and not empty.
    boolean colours = environment.getOrDefault("NO_COLOR", "").isEmpty();
    return size[0] < LEAST_ROWS ? NONE : new Terminal(true, colours, size[1], PACE);
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

  /** Rows and columns; 24 and 80 if nobody tells. */
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
    return new int[] {24, 80};
  }
}

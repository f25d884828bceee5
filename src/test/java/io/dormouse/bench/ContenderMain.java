package io.dormouse.bench;

import io.dormouse.bench.load.Ports;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * A contender's process. Its arguments are the contender's class, the server's ports, the library
 * and the words of the contest. Each line of its input plays a round, answered by a line {@code
 * round VALUE MISSING}; the end of the input ends it.
 */
public final class ContenderMain {
  /** When main began, which is where a cold contest's clock starts. */
  private static long startedNanos;

  private ContenderMain() {}

  /** Runs the process. */
  public static void main(String[] args) throws Exception {
    startedNanos = System.nanoTime();
    List<String> words = Arrays.asList(args).subList(3, args.length);
    Setting setting = new Setting(Ports.parse(args[1]), args[2], words);
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    Class<? extends Contender> contenderClass = Class.forName(args[0]).asSubclass(Contender.class);
    try (Contender contender = contenderClass.getConstructor(Setting.class).newInstance(setting)) {
      while (orders.readLine() != null) {
        Round round = contender.play();
        System.out.println("round " + round.value() + " " + round.missing());
      }
    }
    System.exit(0); // a contender's threads don't hold the process up
  }

  /** Returns the time of {@link System#nanoTime()} when the process's main began. */
  public static long startedNanos() {
    return startedNanos;
  }
}

package io.dormouse.bench;

import io.dormouse.bench.load.Ports;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A process of one contender, or of several. Its arguments are the contender's class, the server's
 * ports, the libraries and the words of the contest. Each line of its input names the library that
 * plays a round, answered by a line {@code round VALUE MISSING}; the end of the input ends it.
 */
public final class ContenderMain {
  /** When main began, which is where a cold contest's clock starts. */
  private static long startedNanos;

  private ContenderMain() {}

  /** Runs the process. */
  public static void main(String[] args) throws Exception {
    startedNanos = System.nanoTime();
    List<String> words = Arrays.asList(args).subList(3, args.length);
    Ports ports = Ports.parse(args[1]);
    Class<? extends Contender> contenderClass = Class.forName(args[0]).asSubclass(Contender.class);
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    Map<String, Contender> contenders = new LinkedHashMap<>();
    for (String library : args[2].split(",", -1)) {
      contenders.put(
          library,
          contenderClass
              .getConstructor(Setting.class)
              .newInstance(new Setting(ports, library, words)));
    }
    for (String library = orders.readLine(); library != null; library = orders.readLine()) {
      Round round = Objects.requireNonNull(contenders.get(library), library).play();
      System.out.println("round " + round.value() + " " + round.missing());
    }
    for (Contender contender : contenders.values()) {
      contender.close();
    }
    System.exit(0); // a contender's threads don't hold the process up
  }

  /** Returns the time of {@link System#nanoTime()} when the process's main began. */
  public static long startedNanos() {
    return startedNanos;
  }
}

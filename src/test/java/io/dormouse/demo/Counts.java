package io.dormouse.demo;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What was counted during one step, in the order of counting. What the demo says it has seen is
 * made from this and from nothing else, and so is whether the step was right.
 */
final class Counts {
  /** The nouns that have a plural; the others are what connections do or are. */
  private static final Set<String> THINGS = Set.of("socket", "thread");

  private final Map<String, Long> numbers = new LinkedHashMap<>();

  /** Keeps a number; the last one counts. */
  void put(String noun, long number) {
    numbers.put(noun, number);
  }

  /** Whether this was counted, and as expected. */
  boolean show(Expected expected) {
    Long number = numbers.get(expected.noun());
    return number != null && number >= expected.least() && number <= expected.most();
  }

  /** Returns a number with its noun, such as 4 open, 1 socket or 2 sockets. */
  static String text(long number, String noun) {
    return text(String.valueOf(number), noun);
  }

  /** Returns a number with its noun, such as 3+ sockets. */
  static String text(String number, String noun) {
    return number + " " + noun + (THINGS.contains(noun) && !number.equals("1") ? "s" : "");
  }

  @Override
  public String toString() {
    return numbers.entrySet().stream()
        .map(count -> text(count.getValue(), count.getKey()))
        .collect(Collectors.joining(", "));
  }
}

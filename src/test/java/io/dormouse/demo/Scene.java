package io.dormouse.demo;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A step to play.
 *
 * @param name what happens to the app
 * @param expected what must be counted then
 * @param obstacle why it can't be played; empty if it can
 * @param play plays it
 */
record Scene(String name, List<Expected> expected, String obstacle, Play play) {
  /** What happens. It says nothing of how it went: it counts, and others compare. */
  @FunctionalInterface
  interface Play {
    /**
     * Plays it.
     *
     * @param seen gets what is counted
     * @throws Exception if it can't be played to its end
     */
    void play(Counts seen) throws Exception;
  }

  /** A step that can always be played. */
  Scene(String name, List<Expected> expected, Play play) {
    this(name, expected, "", play);
  }

  /** Returns what is expected, in words. */
  String expectation() {
    return expected.stream().map(Expected::toString).collect(Collectors.joining(", "));
  }
}

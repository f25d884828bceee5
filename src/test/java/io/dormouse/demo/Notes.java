package io.dormouse.demo;

import java.time.Duration;
import java.util.function.Supplier;

/** What is told of a step while it is played: lines, the first of which has its name before it. */
final class Notes {
  /** Where a line goes on that has no room in one. */
  static final int INDENT = 22;

  private final Display display;
  private String heading = "";

  Notes(Display display) {
    this.display = display;
  }

  synchronized void begin(Scene scene) {
    display.begin(scene.name(), scene.expectation());
    heading = scene.name();
  }

  synchronized void say(String text) {
    display.line(String.format("%-17s %s", heading, text));
    heading = "";
  }

  /** Says something of one connection. */
  void say(Talk talk, String text) {
    say(String.format("  %-10s %s", talk.connection().name(), text));
  }

  /**
   * Something is waited for until this is closed. Whoever looks is told if that takes long.
   *
   * @param what how things stand; asked for on any thread
   * @param limit when it is given up
   */
  Wait waiting(Supplier<String> what, Duration limit) {
    Wait wait = new Wait(what, limit);
    display.waiting(wait, () -> say("  " + wait.text()));
    return wait;
  }

  void end() {
    display.end();
  }
}

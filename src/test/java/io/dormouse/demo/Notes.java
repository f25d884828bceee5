package io.dormouse.demo;

/** What is told of a step while it is played: lines, the first of which has its name before it. */
final class Notes {
  private final Display display;
  private String heading = "";

  Notes(Display display) {
    this.display = display;
  }

  void begin(Scene scene) {
    display.begin(scene.name(), scene.expectation());
    heading = scene.name();
  }

  void say(String text) {
    display.line(String.format("%-17s %s", heading, text));
    heading = "";
  }

  /** Says something of one connection. */
  void say(Talk talk, String text) {
    say(String.format("  %-10s %s", talk.connection().name(), text));
  }

  void end() {
    display.end();
  }
}

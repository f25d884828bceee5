package io.dormouse.demo;

import java.io.PrintStream;

/** Where the demo shows what happens. */
interface Display extends AutoCloseable {
  /** A step begins. */
  void begin(String step, String expected);

  /** Adds a line that stays. */
  void line(String text);

  /** The step is over. May take a moment, for people to see it. */
  void end();

  /** Leaves the place as it was found, but for the lines. */
  @Override
  void close();

  /** Returns a display of lines alone. */
  static Display plain(PrintStream out) {
    return new Display() {
      @Override
      public void begin(String step, String expected) {}

      @Override
      public void line(String text) {
        out.println(text);
      }

      @Override
      public void end() {}

      @Override
      public void close() {
        out.flush();
      }
    };
  }
}

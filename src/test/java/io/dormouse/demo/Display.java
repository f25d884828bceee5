package io.dormouse.demo;

import java.io.PrintStream;

/** Where the demo shows what happens. */
interface Display extends AutoCloseable {
  /** A step begins. */
  void begin(String step, String expected);

  /** Adds a line that stays; more of them where it has no room in one. */
  void line(String text);

  /**
   * Something is waited for, as long as it is not closed. If that takes long, it is shown.
   *
   * @param line adds a line that says so, for a display that shows nothing else
   */
  void waiting(Wait wait, Runnable line);

  /** The step is over. May take a moment, for people to see it. */
  void end();

  /** Leaves the place as it was found, but for the lines. */
  @Override
  void close();

  /**
   * Returns a display of lines alone.
   *
   * @param columns how long they may be
   */
  static Display plain(PrintStream out, int columns) {
    return new Display() {
      @Override
      public void begin(String step, String expected) {}

      @Override
      public void line(String text) {
        // In one piece: a line may come from another thread.
        out.println(
            String.join(System.lineSeparator(), Format.wrapped(text, columns, Notes.INDENT)));
      }

      @Override
      public void waiting(Wait wait, Runnable line) {
        wait.whenLong(line);
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

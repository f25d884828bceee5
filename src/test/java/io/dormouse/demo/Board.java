package io.dormouse.demo;

import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The live display of a terminal: a board at the bottom, drawn anew ten times a second in its
 * place, and above it the lines that stay.
 */
final class Board implements Display {
  /** What the board shows, asked for at each drawing. */
  @FunctionalInterface
  interface Source {
    /** Returns what is so now. */
    Frame frame(String step, String expected, String waiting);
  }

  private static final long REDRAW_MILLIS = 100;

  /** No wrapping while the board is drawn: a window made narrow meanwhile must not break it. */
  private static final String BEGIN = "\u001b[?25l\u001b[?7l";

  private static final String RESTORE = "\u001b[?25h\u001b[?7h";
  private static final String WRAP = "\u001b[?7h";
  private static final String CLEAR_LINE_END = "\u001b[K";
  private static final String CLEAR_BELOW = "\u001b[J";

  private final PrintStream out;
  private final Terminal terminal;
  private final Source source;
  private final ScheduledExecutorService painter =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "demo-board");
            thread.setDaemon(true);
            return thread;
          });

  /** For who ends the demo in the middle: the terminal is theirs again, cursor and all. */
  private final Thread restoring = new Thread(this::restore, "demo-board-restore");

  private String step = "before the first step";
  private String expected = "all asleep";
  private @Nullable Wait wait;
  private long stepBegan = System.nanoTime();
  private int drawn;
  private boolean closed;

  Board(PrintStream out, Terminal terminal, Source source) {
    this.out = out;
    this.terminal = terminal;
    this.source = source;
    Runtime.getRuntime().addShutdownHook(restoring);
    Future<?> unused =
        painter.scheduleAtFixedRate(this::redraw, 0, REDRAW_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Override
  public synchronized void begin(String step, String expected) {
    this.step = step;
    this.expected = expected;
    stepBegan = System.nanoTime();
    redraw();
  }

  @Override
  public synchronized void line(String text) {
    StringBuilder lines = new StringBuilder();
    for (String line : Format.wrapped(text, terminal.columns(), Notes.INDENT)) {
      lines.append(line).append(CLEAR_LINE_END).append('\n');
    }
    print(lines.toString());
  }

  @Override
  public synchronized void waiting(Wait wait, Runnable line) {
    this.wait = wait;
  }

  @Override
  public synchronized void end() {
    long until = stepBegan + terminal.pace().toNanos();
    try {
      for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
        // Waiting lets the painter in.
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    painter.shutdownNow();
    restore();
    try {
      Runtime.getRuntime().removeShutdownHook(restoring);
    } catch (IllegalStateException e) {
      // The process is ending, and has the hook do it.
    }
  }

  private synchronized void redraw() {
    print("");
  }

  /** Puts a text where the board was, and the board below it. */
  private synchronized void print(String text) {
    if (closed) {
      return;
    }
    String waiting = wait != null && wait.isLong() ? wait.text() : "";
    List<String> lines =
        source.frame(step, expected, waiting).lines(terminal.columns(), terminal.colours());
    StringBuilder drawing = new StringBuilder(WRAP).append(up()).append(text).append(BEGIN);
    for (String line : lines) {
      drawing.append(line).append(CLEAR_LINE_END).append('\n');
    }
    drawing.append(CLEAR_BELOW);
    drawn = lines.size();
    out.print(drawing);
    out.flush();
  }

  private synchronized void restore() {
    if (!closed) {
      closed = true;
      out.print(up() + CLEAR_BELOW + RESTORE);
      out.flush();
    }
  }

  /** Goes to where the board begins. */
  private String up() {
    return drawn == 0 ? "" : "\r\u001b[" + drawn + "A";
  }
}

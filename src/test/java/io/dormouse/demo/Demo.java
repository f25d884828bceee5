package io.dormouse.demo;

import io.dormouse.observe.timeline.TimelineRecorder;
import io.dormouse.support.OwnThreads;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Plays the demo: an app with a connection of each kind goes to the background and comes back. Exit
 * code 0 if every step showed what it should, 1 if one did not, 2 for wrong arguments.
 */
public final class Demo {
  private static final int GOOD = 0;
  private static final int BAD = 1;
  private static final int WRONG_ARGUMENTS = 2;

  /** Long enough for a busy machine, and short enough for who waits for a dead endpoint. */
  private static final Duration LIMIT = Duration.ofSeconds(8);

  private final PrintStream out;
  private final PrintStream err;
  private final Terminal terminal;
  private final Duration limit;
  private final long began = System.nanoTime();

  /**
   * Prepares it.
   *
   * @param limit for each thing that is waited for
   */
  Demo(PrintStream out, PrintStream err, Terminal terminal, Duration limit) {
    this.out = out;
    this.err = err;
    this.terminal = terminal;
    this.limit = limit;
  }

  /** The command line. */
  public static void main(String... args) {
    Terminal terminal = Terminal.detect(System.getenv());
    int code = new Demo(System.out, System.err, terminal, LIMIT).run(args);
    if (code != GOOD) {
      System.exit(code);
    }
    // Returns otherwise: whoever runs this in their own process, as Maven does, goes on.
  }

  /** Plays it, and returns the exit code. */
  int run(String... args) {
    Arguments arguments;
    try {
      arguments = Arguments.parse(args);
    } catch (IllegalArgumentException e) {
      return refuse(e);
    }
    if (arguments.help()) {
      out.println(Arguments.USAGE);
      return GOOD;
    }
    List<Endpoint> endpoints = new ArrayList<>();
    try {
      for (Service service : Service.values()) {
        endpoints.add(Endpoint.open(service, arguments));
      }
      return run(endpoints, arguments.timeline());
    } finally {
      endpoints.forEach(Endpoint::close);
    }
  }

  private int run(List<Endpoint> endpoints, Path timeline) {
    List<String> threadsBefore = OwnThreads.names();
    SocketCount sockets = new SocketCount(endpoints.stream().map(Endpoint::target).toList());
    try (App app = new App()) {
      try {
        app.register(endpoints);
      } catch (IllegalArgumentException e) {
        // What the library does not take, such as a URL with a password.
        return refuse(e);
      }
      TimelineRecorder recorder;
      Summary summary;
      try (Display display = display(app, sockets)) {
        introduce(display, app);
        recorder = TimelineRecorder.of(app.registry());
        Notes notes = new Notes(display);
        Witness witness = new Witness(app, sockets, notes, limit);
        Story story = new Story(app, witness, notes, threadsBefore);
        summary = new Summary(new Script(story.scenes(), notes).play());
      }
      out.println();
      summary.lines(terminal.columns()).forEach(out::println);
      out.println();
      out.println(TimelineFile.write(recorder.timeline(), timeline));
      String verdict = summary.verdict(Format.since(began));
      Format.wrapped(verdict, terminal.columns(), 2).forEach(out::println);
      return summary.isGood() ? GOOD : BAD;
    }
  }

  private int refuse(IllegalArgumentException why) {
    err.println("demo: " + why.getMessage());
    err.println(Arguments.USAGE);
    return WRONG_ARGUMENTS;
  }

  private Display display(App app, SocketCount sockets) {
    return terminal.live()
        ? new Board(
            out,
            terminal,
            (step, expected, waiting) ->
                new Frame(
                    step, expected, waiting, Format.since(began), sockets.now(), app.snapshot()))
        : Display.plain(out, terminal.columns());
  }

  private static void introduce(Display display, App app) {
    for (Talk talk : app.talks()) {
      display.line(
          String.format(
              "%-10s %-9s to %s%s",
              talk.connection().name(),
              talk.connection().kind(),
              talk.endpoint().target(),
              talk.endpoint().echoes() ? " (the demo's own)" : ""));
    }
    display.line("");
  }
}

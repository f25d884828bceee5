package io.dormouse.example.events;

import io.dormouse.ConnectionRegistry;
import io.dormouse.example.Stage;
import io.dormouse.lifecycle.ManualAppLifecycle;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Plays an app that hears of events. */
public final class Main {
  private Main() {}

  /** The command line. */
  public static void main(String... args) {
    Stage.play(Main::play);
  }

  /** Events come in the foreground, in the background, and when the stream was cut. */
  public static void play(Stage stage) throws Exception {
    ManualAppLifecycle lifecycle = new ManualAppLifecycle();
    List<String> heard = new CopyOnWriteArrayList<>();
    try (EventServer server = new EventServer();
        ConnectionRegistry registry = ConnectionRegistry.builder(lifecycle).build();
        EventStream stream = new EventStream(registry, server.url(), heard::add)) {
      stage.foreground(lifecycle);
      server.send("spring");
      server.send("summer");
      awaitEvents(stage, heard, 2);

      stage.background(lifecycle, registry);
      stage.say("the last event was number " + stream.lastEventId());
      server.send("autumn");
      server.send("winter");
      stage.say("meanwhile the server has: autumn, winter");

      stage.foreground(lifecycle);
      awaitEvents(stage, heard, 4);

      stage.say("the server ends the stream");
      server.cut();
      server.send("spring again");
      awaitEvents(stage, heard, 5);

      stage.background(lifecycle, registry);
      stage.say("Last-Event-ID of the calls: " + server.lastIds());
      stage.expect(server.lastIds().equals(List.of("none", "2", "4")), "each call goes on");
      stage.expect(
          heard.equals(List.of("spring", "summer", "autumn", "winter", "spring again")),
          "no event is missing or comes twice");
    }
  }

  private static void awaitEvents(Stage stage, List<String> heard, int count)
      throws InterruptedException {
    stage.awaitUntil(count + " events are here", () -> heard.size() == count);
    stage.say("events: " + heard);
  }
}

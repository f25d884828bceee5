package io.dormouse.example.lines;

import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.example.Stage;
import io.dormouse.lifecycle.ManualAppLifecycle;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

/** Plays an app that asks a store, and watches a value there. */
public final class Main {
  private Main() {}

  /** The command line. */
  public static void main(String... args) {
    Stage.play(Main::play);
  }

  /** The app goes and comes back, and so does the server. */
  public static void play(Stage stage) throws Exception {
    ManualAppLifecycle lifecycle = new ManualAppLifecycle();
    RetryPolicy quick = RetryPolicy.withBackoff(Duration.ofMillis(200), Duration.ofSeconds(10));
    try (StoreServer server = new StoreServer();
        ConnectionRegistry registry =
            ConnectionRegistry.builder(lifecycle).retryPolicy(quick).build()) {
      server.put("colour", "grün");
      StoreConnection store = new StoreConnection(registry, server.host(), server.port());
      AtomicReference<String> seen = new AtomicReference<>("");

      stage.foreground(lifecycle);
      String colour = stage.await("the value is watched", store.watch("colour", seen::set));
      stage.say("colour: " + colour);
      stage.expect(colour.equals("grün"), "the letter of two bytes came whole");
      stage.say("shape: " + failure(stage, store.get("shape")));
      server.put("colour", "grey");
      awaitColour(stage, seen, "grey");

      CompletableFuture<String> riddle = store.get("riddle");
      stage.background(lifecycle, registry);
      stage.say("riddle: " + failure(stage, riddle));
      stage.say("colour, asked now: " + failure(stage, store.get("colour")));
      server.put("colour", "white");

      stage.foreground(lifecycle);
      awaitColour(stage, seen, "white");
      server.put("colour", "brown");
      awaitColour(stage, seen, "brown");

      stage.say("the server drops its connections");
      server.dropAll();
      stage.awaitUntil("it has none", () -> server.clients() == 0);
      server.put("colour", "red");
      awaitColour(stage, seen, "red");
      stage.background(lifecycle, registry);
    }
  }

  private static void awaitColour(Stage stage, AtomicReference<String> seen, String colour)
      throws InterruptedException {
    stage.awaitUntil("the colour is " + colour, () -> seen.get().equals(colour));
    stage.say("colour changed: " + colour);
  }

  private static String failure(Stage stage, CompletableFuture<String> answer) throws Exception {
    return stage
        .await("it fails", answer.<Throwable>handle((text, failure) -> failure))
        .getMessage();
  }
}

package io.dormouse.example.sync;

import io.dormouse.ConnectionRegistry;
import io.dormouse.example.Stage;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.support.servers.TcpEchoServer;
import io.dormouse.task.LongRunningTask;
import io.dormouse.tcp.TcpConnection;
import java.util.List;

/** Plays an app that uploads photos, also in the background. */
public final class Main {
  private Main() {}

  /** The command line. */
  public static void main(String... args) {
    Stage.play(Main::play);
  }

  /** Once the platform lets the task go on to its end, and once it does not. */
  public static void play(Stage stage) throws Exception {
    ManualAppLifecycle lifecycle = new ManualAppLifecycle();
    try (PhotoServer server = new PhotoServer();
        TcpEchoServer chatServer = new TcpEchoServer();
        ConnectionRegistry registry = ConnectionRegistry.builder(lifecycle).build()) {
      chatServer.start();
      TcpConnection chat =
          registry.tcp("chat").connectTo("127.0.0.1", chatServer.port()).register();
      PhotoUploads uploads = new PhotoUploads(registry, server.folder());

      stage.foreground(lifecycle);
      stage.await("the chat is open", chat.whenOpen());
      add(stage, uploads, "1", "2", "3");
      uploads.onBackground();
      stage.background(lifecycle, registry);
      stage.awaitUntil("1 is there", () -> server.photos().contains("1"));
      stage.say("open for the task: " + registry.stillOpen());
      stage.await("the rest is uploaded", uploads.whenDone());
      stage.say("uploaded in the background: " + server.photos());
      awaitAllClosed(stage, registry);

      stage.foreground(lifecycle);
      add(stage, uploads, "4", "5", "6");
      uploads.onBackground();
      stage.background(lifecycle, registry);
      stage.awaitUntil("4 is there", () -> server.photos().contains("4"));
      stage.say("the platform takes the task back");
      registry.tasks().forEach(LongRunningTask::revoke);
      awaitAllClosed(stage, registry);
      stage.say("not uploaded yet: " + uploads.left());
      stage.expect(uploads.left() > 0, "something is left");

      stage.foreground(lifecycle);
      stage.await("the rest is uploaded", uploads.whenDone());
      stage.say("uploaded: " + server.photos());
      stage.expect(server.photos().equals(List.of("1", "2", "3", "4", "5", "6")), "each came once");
      stage.background(lifecycle, registry);
    }
  }

  private static void add(Stage stage, PhotoUploads uploads, String... names) {
    for (String name : names) {
      uploads.add(name, new byte[100_000]);
    }
    stage.say("photos to upload: " + List.of(names));
  }

  private static void awaitAllClosed(Stage stage, ConnectionRegistry registry)
      throws InterruptedException {
    stage.awaitUntil("the task has ended", () -> registry.tasks().isEmpty());
    stage.say("the task has ended: " + registry.settled().join());
    registry.assertQuiescent();
  }
}

package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.support.Await;
import io.dormouse.support.RawServer;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** A message for which the app's heap has no room. */
class SmallHeapTest {
  /** It fits once, and to be delivered it has to be copied. */
  private static final int TOO_LONG = 36_000_000;

  /** What is behind it in the stream must not look as if it came next. */
  @Test
  void noMessageIsDeliveredBehindOneThatWasLost() throws Exception {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName())
            .redirectErrorStream(true)
            .start();
    try (InputStream said = child.getInputStream()) {
      assertThat(new String(said.readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("[first] then INTERNAL_ERROR (java.lang.OutOfMemoryError)");
    } finally {
      child.destroyForcibly();
    }
  }

  /** The app with the small heap, and its server. */
  static final class Child {
    private Child() {}

    /** Runs the process. */
    public static void main(String[] args) {
      App app = new App(builder -> builder.closeTimeout(App.LONG));
      RawServer server = new RawServer();
      List<String> texts = new CopyOnWriteArrayList<>();
      app.webSocket(server.port())
          .maxMessageSize(1 << 30)
          .retryPolicy(RetryPolicy.never())
          .onText((ws, text) -> texts.add(text.length() > 100 ? "long" : text))
          .register();
      HandPeer peer = HandPeer.accept(server);
      app.await(ConnectionState.OPEN);

      peer.text("first");
      Await.until("the first", () -> texts.size() == 1);
      peer.write(HandPeer.head(true, HandPeer.TEXT, TOO_LONG));
      byte[] part = "x".repeat(100_000).getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < TOO_LONG / part.length; i++) {
        peer.write(part);
      }
      peer.text("behind it");
      CloseReason reason = app.reasonOf(ConnectionState.FAILED);
      System.out.print(texts + " then " + reason);
      System.exit(0);
    }
  }
}

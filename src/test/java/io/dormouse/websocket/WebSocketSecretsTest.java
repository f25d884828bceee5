package io.dormouse.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.StateChange;
import io.dormouse.support.Await;
import io.dormouse.support.RawServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Queries, headers and payloads are nobody's business but the app's and its server's. */
class WebSocketSecretsTest {
  private static final String SECRET = "s3cr3t";

  @Test
  void theyAppearNeitherInReasonsNorInExceptionsNorInTheLog() throws Exception {
    ByteArrayOutputStream logged = new ByteArrayOutputStream();
    PrintStream before = System.err;
    List<String> said = new ArrayList<>();
    List<Loud> loud =
        List.of(
            new Loud("io.dormouse.connections", 0), // trace
            new Loud("io.dormouse.callbacks", 0),
            new Loud("io.dormouse.registry", 0),
            new Loud("org.java_websocket.WebSocketImpl", 0),
            new Loud("org.java_websocket.drafts.Draft_6455", 10)); // debug
    System.setErr(new PrintStream(logged, true, UTF_8));
    try {
      liveALifeFullOfTrouble(said);
    } finally {
      System.setErr(before);
      for (Loud logger : loud) {
        logger.hush();
      }
    }

    String log = logged.toString(UTF_8);
    assertThat(log).contains("chat: ").doesNotContain(SECRET);
    assertThat(log).as("what the peer does is ours to log").doesNotContain("java_websocket");
    assertThat(said).isNotEmpty().noneMatch(text -> text.contains(SECRET));
  }

  private static void liveALifeFullOfTrouble(List<String> said) {
    try (RawServer server = new RawServer();
        App app = new App(builder -> builder.closeTimeout(Duration.ofMillis(100)))) {
      Map<String, String> headers = new LinkedHashMap<>();
      headers.put("Authorization", "Bearer " + SECRET);
      headers.put("X-Broken", SECRET + "\n");
      WebSocketConnection chat =
          app.webSocket(server.port())
              .connectTo("ws://127.0.0.1:" + server.port() + "/?token=" + SECRET)
              .headers(() -> Map.copyOf(headers))
              .register();
      app.await(ConnectionState.WAITING); // the header is broken
      headers.remove("X-Broken");
      said.add(chat.toString());
      said.add(chat.snapshot().toString());

      HandPeer.next(server).answer("HTTP/1.1 503 " + SECRET, "X: " + SECRET, "", SECRET);
      HandPeer.next(server).answer(SECRET);
      HandPeer.accept(server).write(HandPeer.frame(true, 3, HandPeer.bytes(SECRET)));
      HandPeer.accept(server)
          .write(
              HandPeer.frame(
                  true,
                  HandPeer.CLOSE,
                  HandPeer.concat(new byte[] {0x0f, (byte) 0xa0}, HandPeer.bytes(SECRET))));
      HandPeer peer = HandPeer.accept(server);
      app.steps.await(ConnectionState.OPEN, 3);
      byte[] payload = SECRET.repeat(4 << 20).getBytes(UTF_8);
      CompletableFuture<Void> cutOff = chat.sendBinary(ByteBuffer.wrap(payload));
      said.add(Await.failure(chat.sendText(SECRET)).toString()); // refused
      peer.text(SECRET).reset();
      said.add(Await.failure(cutOff).toString());
      HandPeer last = HandPeer.accept(server);
      app.steps.await(ConnectionState.OPEN, 4);
      chat.close(4000, SECRET);
      last.answerClose();
      app.await(ConnectionState.CLOSED);
      said.add(Await.failure(chat.sendText(SECRET)).toString());
      for (StateChange change : app.steps.changes()) {
        said.add(change.toString());
      }
    }
  }

  /** A logger of slf4j-simple that says all it has to say; elsewhere in the tests all are off. */
  private static final class Loud {
    private final Logger logger;
    private final Field field;
    private final Object before;

    Loud(String name, int level) throws ReflectiveOperationException {
      logger = LoggerFactory.getLogger(name);
      field = logger.getClass().getDeclaredField("currentLogLevel");
      field.setAccessible(true);
      before = field.get(logger);
      field.set(logger, level);
    }

    void hush() throws ReflectiveOperationException {
      field.set(logger, before);
    }
  }
}

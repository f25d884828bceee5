package io.dormouse.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.support.Await;
import io.dormouse.support.RawServer;
import io.dormouse.support.Registries;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A preparation that waits for answers. */
class TcpPrepareTest {
  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(bytes).toString();
  }

  private static String read(Socket peer, int length) throws IOException {
    return new String(peer.getInputStream().readNBytes(length), StandardCharsets.UTF_8);
  }

  @Test
  void itSignsInAwaitsTheWelcomeSubscribesAndLosesNothingThatComesMeanwhile() throws IOException {
    try (RawServer server = new RawServer();
        Registries app = new Registries()) {
      AtomicReference<CompletableFuture<String>> welcome = new AtomicReference<>();
      BlockingQueue<String> events = new LinkedBlockingQueue<>();
      TcpConnection tcp =
          app.registry()
              .tcp("telemetry")
              .connectTo("127.0.0.1", server.port())
              .prepare(
                  Duration.ofSeconds(30),
                  sender -> {
                    CompletableFuture<String> answer = new CompletableFuture<>();
                    welcome.set(answer);
                    return sender
                        .send(bytes("login"))
                        .thenCompose(sent -> answer)
                        .thenCompose(text -> sender.send(bytes("subscribe")));
                  })
              .onData(
                  (connection, data) -> {
                    String text = text(data);
                    events.add(text);
                    welcome.get().complete(text);
                  })
              .onOpen(connection -> events.add("open"))
              .register();
      app.foreground();
      for (int generation = 1; generation <= 2; generation++) {
        Socket peer = server.next();
        assertThat(read(peer, 5)).isEqualTo("login");
        peer.getOutputStream().write("welcome".getBytes(StandardCharsets.UTF_8));
        assertThat(Await.next(events)).isEqualTo("welcome");
        assertThat(read(peer, 9)).isEqualTo("subscribe");
        assertThat(Await.next(events)).isEqualTo("open");
        Await.get(tcp.whenOpen());
        peer.close();
      }
    }
  }
}

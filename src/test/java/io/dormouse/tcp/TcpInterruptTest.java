package io.dormouse.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.support.Await;
import io.dormouse.support.RawServer;
import io.dormouse.support.Registries;
import io.dormouse.support.Texts;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** On some systems the interrupt of a thread that writes to a channel closes that channel. */
class TcpInterruptTest {
  @Test
  void aCallbackThatWasInterruptedSendsByTheLoop() throws Exception {
    try (RawServer server = new RawServer();
        Registries app = new Registries()) {
      CompletableFuture<CompletableFuture<Void>> sent = new CompletableFuture<>();
      TcpConnection tcp =
          app.registry()
              .tcp("telemetry")
              .connectTo("127.0.0.1", server.port())
              .onData(
                  (it, bytes) -> {
                    Thread.currentThread().interrupt();
                    CompletableFuture<Void> send = it.send(Texts.bytes("x"));
                    boolean unused = Thread.interrupted();
                    sent.complete(send);
                  })
              .register();
      app.foreground();
      Await.get(tcp.whenOpen());
      Socket peer = server.next();
      peer.getOutputStream().write(1);
      Await.get(Await.get(sent));
      assertThat(peer.getInputStream().read()).isEqualTo('x');
      assertThat(tcp.snapshot().generation()).isEqualTo(1);
      peer.close();
    }
  }
}

package io.dormouse.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.loop.ManualLoop;
import io.dormouse.testing.Host;
import io.dormouse.testing.SimulatedNetwork;
import io.dormouse.testing.Simulations;
import io.dormouse.testing.WebSocketPeer;
import io.dormouse.websocket.WebSocketBuilder;
import io.dormouse.websocket.WebSocketConnection;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A WebSocket's heartbeat where the systems of both sides hold much that is still on its way: they
 * take all of it at once, and don't say how far it has got.
 */
class SlowLinkTest {
  private static final int HELD = 4 << 20;
  private static final int UPLOAD = 2_500_000;

  private final ManualLoop loop = new ManualLoop();
  private final SimulatedNetwork network = Simulations.network(loop, 1).buffers(HELD, HELD);
  private final Host server = network.host("10.0.0.1").buffers(HELD, HELD);
  private final List<Kind> ends = new ArrayList<>();
  private Rig rig;
  private WebSocketConnection chat;

  @BeforeEach
  void open() {
    rig = new Rig(1, loop, Simulations.seenBy(network), Optional.of(network.blocking()));
    server.link().bandwidth(400_000);
    server.serve(9_000, () -> new WebSocketPeer() {});
    rig.front();
    chat =
        new WebSocketBuilder(rig.engine, "chat")
            .connectTo("ws://10.0.0.1:9000/")
            .pingInterval(Duration.ofSeconds(1))
            .pingTimeout(Duration.ofSeconds(2))
            .onStateChange((ws, change) -> change.reason().ifPresent(why -> ends.add(why.kind())))
            .register();
    rig.advance(Duration.ofMillis(900));
    assertThat(chat.state()).isEqualTo(ConnectionState.OPEN);
  }

  @AfterEach
  void close() {
    network.close();
  }

  private void upload() {
    CompletableFuture<Void> sent = send(UPLOAD);
    assertThat(sent).as("taken by the system").isCompleted();
  }

  private CompletableFuture<Void> send(int bytes) {
    CompletableFuture<Void> sent = chat.sendBinary(ByteBuffer.allocate(bytes));
    rig.run();
    return sent;
  }

  /** The ping arrives after 6 s, and is answered at once. */
  @Test
  void aPeerWhosePingWaitsBehindAnUploadIsNotTakenForADeadOne() {
    for (int i = 0; i < 3; i++) {
      upload();
      rig.advance(Duration.ofSeconds(20));
      assertThat(chat.snapshot().generation()).isEqualTo(1);
    }
  }

  /**
   * The first ping arrives after two minutes. After the first of them our queue has become empty,
   * and from then on nothing shows that the server takes what the systems still hold.
   */
  @Test
  void aPeerIsNotTakenForADeadOneWhileTheSystemsHoldWhatWaitedInOurQueue() {
    server.link().bandwidth(68_000);
    CompletableFuture<Void> sent = send(2 * HELD - 200_000);
    assertThat(sent).as("waits in our queue in part").isNotDone();

    rig.advance(Duration.ofMinutes(3));

    assertThat(sent).isCompleted();
    assertThat(ends).isEmpty();
    assertThat(chat.snapshot().generation()).isEqualTo(1);
  }

  /** With the pong it is known that nothing is on its way any more. */
  @Test
  void onceItsPongHasComeADeadPeerIsFoundInTheTimeoutAgain() {
    upload();
    rig.advance(Duration.ofSeconds(20));
    server.link().down();
    rig.advance(Duration.ofSeconds(5));
    assertThat(ends).startsWith(Kind.HEARTBEAT_TIMEOUT);
  }

  @Test
  void oneThatDiesDuringAnUploadIsFoundToo() {
    upload();
    server.link().down();
    rig.advance(Duration.ofMinutes(2));
    assertThat(ends).startsWith(Kind.HEARTBEAT_TIMEOUT);
  }
}

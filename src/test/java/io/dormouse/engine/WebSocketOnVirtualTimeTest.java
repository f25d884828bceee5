package io.dormouse.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.loop.ManualLoop;
import io.dormouse.testing.PeerSocket;
import io.dormouse.testing.SimulatedNetwork;
import io.dormouse.testing.Simulations;
import io.dormouse.testing.WebSocketPeer;
import io.dormouse.websocket.WebSocketBuilder;
import io.dormouse.websocket.WebSocketConnection;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a WebSocket does at once, and not only after a timeout, when it ends or its app is behind.
 */
class WebSocketOnVirtualTimeTest {
  private static final byte[] RESERVED_OPCODE = {(byte) 0x83, 0};

  /** There and back again, and much shorter than any timeout. */
  private static final Duration A_MOMENT = Duration.ofMillis(50);

  private final ManualLoop loop = new ManualLoop();
  private final SimulatedNetwork network = Simulations.network(loop, 1);
  private final List<String> heard = new ArrayList<>(); // by the server
  private final List<String> texts = new ArrayList<>();
  private final List<CloseReason> ends = new ArrayList<>();
  private PeerSocket server;
  private Rig rig;
  private WebSocketConnection chat;

  /** Answers the handshake and pings, but no close frame. */
  private final class Server extends WebSocketPeer {
    @Override
    protected void handshaken(PeerSocket socket) {
      server = socket;
    }

    @Override
    protected void frame(int opcode, ByteBuffer payload) {
      if (opcode == 8) {
        heard.add("close " + payload.getShort());
      } else if (opcode == 10) {
        heard.add("pong " + StandardCharsets.US_ASCII.decode(payload));
      }
    }

    @Override
    protected boolean answersClose() {
      return false;
    }
  }

  @BeforeEach
  void open() {
    rig = new Rig(1, loop, Simulations.seenBy(network), Optional.of(network.blocking()));
    network.host("10.0.0.1").serve(9_000, Server::new);
    rig.front();
    chat =
        new WebSocketBuilder(rig.engine, "chat")
            .connectTo("ws://10.0.0.1:9000/")
            .noPings()
            .onText((ws, text) -> texts.add(text))
            .onStateChange((ws, change) -> change.reason().ifPresent(ends::add))
            .register();
    rig.advance(Duration.ofSeconds(1));
    assertThat(chat.state()).isEqualTo(ConnectionState.OPEN);
  }

  @AfterEach
  void close() {
    network.close();
  }

  private static byte[] frame(int opcode, String payload) {
    byte[] bytes = payload.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer frame = ByteBuffer.allocate(4 + bytes.length).put((byte) (0x80 | opcode));
    if (bytes.length < 126) {
      frame.put((byte) bytes.length);
    } else {
      frame.put((byte) 126).putShort((short) bytes.length);
    }
    byte[] copy = new byte[frame.put(bytes).position()];
    frame.flip().get(copy);
    return copy;
  }

  /** The server sends these in one piece. */
  private void receive(byte[]... frames) {
    ByteBuffer all = ByteBuffer.allocate(100_000);
    for (byte[] frame : frames) {
      all.put(frame);
    }
    server.send(all.flip());
  }

  /** Lets time pass while the app's callbacks are stuck. */
  private void passWithoutCallbacks() {
    loop.advance(A_MOMENT);
  }

  // ------------------------------------------------------------------------------- the last pong

  private static byte[][] hundredPingsAnd(byte[] last) {
    byte[][] frames = new byte[101][];
    for (int i = 0; i < 100; i++) {
      frames[i] = frame(9, "" + (i + 1));
    }
    frames[100] = last;
    return frames;
  }

  @Test
  void theLatestOfManyPingsIsAnsweredBeforeTheServersCloseIs() {
    receive(hundredPingsAnd(new byte[] {(byte) 0x88, 2, 0x0F, (byte) 0xA0}));
    rig.advance(A_MOMENT);
    assertThat(heard).endsWith("pong 100", "close 4000").hasSizeLessThan(100);
  }

  @Test
  void theLatestOfManyPingsIsAnsweredBeforeAViolationIs() {
    receive(hundredPingsAnd(RESERVED_OPCODE));
    passWithoutCallbacks();
    rig.advance(A_MOMENT);
    rig.advance(A_MOMENT);
    assertThat(heard).endsWith("pong 100", "close 1002").hasSizeLessThan(100);
  }

  // --------------------------------------------------- a violation that the app has not seen yet

  private void breakARuleWhileTheAppIsStuck() {
    receive(frame(1, "question"), RESERVED_OPCODE);
    passWithoutCallbacks();
    assertThat(heard).as("the app may still answer the question").isEmpty();
  }

  @Test
  void aSuspendDoesNotWaitForAnswersToAPeerThatBrokeARule() {
    breakARuleWhileTheAppIsStuck();
    rig.app.back();
    passWithoutCallbacks();
    assertThat(heard).containsExactly("close 1002");
  }

  @Test
  void theViolationIsTheReasonThoughAResetComesBehindIt() {
    breakARuleWhileTheAppIsStuck();
    server.reset();
    passWithoutCallbacks();
    rig.run();
    assertThat(ends.get(0).kind()).isEqualTo(Kind.PROTOCOL_ERROR);
    assertThat(ends.get(0).code()).hasValue(1002);
  }

  // ---------------------------------------------------------------------------- an app behind

  private void fallBehind() {
    receive(frame(1, "x".repeat(Rig.UNREAD)));
    passWithoutCallbacks();
  }

  /** The server may ask whether we are there, and has no way to put the question in front. */
  @Test
  void aPingBehindWhatTheAppHasNotTakenIsAnswered() {
    fallBehind();
    receive(frame(9, "there?"));
    passWithoutCallbacks();
    assertThat(heard).containsExactly("pong there?");
    assertThat(texts).isEmpty();
  }

  /** While closing all is read, and what an app that is behind can't hold is dropped. */
  @Test
  void nothingIsDeliveredBehindAGap() {
    fallBehind();
    rig.app.back();
    passWithoutCallbacks();
    assertThat(heard).containsExactly("close 1001");
    receive(frame(1, "dropped"));
    passWithoutCallbacks();
    rig.run();
    assertThat(texts).as("the app has caught up").hasSize(1);
    receive(frame(1, "behind the gap"));
    rig.advance(A_MOMENT);
    assertThat(texts).hasSize(1);
  }

  // --------------------------------------------------------------------------- an odd close

  @Test
  void aServerThatHangsUpInsteadOfAnsweringOurCloseIsNotWaitedFor() {
    rig.back();
    rig.advance(A_MOMENT);
    assertThat(heard).containsExactly("close 1001");
    server.finish();
    rig.advance(A_MOMENT);
    assertThat(chat.state()).isEqualTo(ConnectionState.SUSPENDED);
    assertThat(rig.lastSuspend().socketsLeft()).isZero();
  }

  // ------------------------------------------------------------------------------- a redirect

  @Test
  void theLimitOfAnAnswerThatWasARedirectIsOver() {
    network
        .host("10.0.0.1")
        .serve(
            9_001,
            () ->
                new WebSocketPeer() {
                  @Override
                  protected String answer(String key) {
                    return "HTTP/1.1 302 Found\r\nLocation: ws://10.0.0.1:9000/\r\n\r\n";
                  }
                });
    WebSocketConnection moved =
        new WebSocketBuilder(rig.engine, "moved")
            .connectTo("ws://10.0.0.1:9001/")
            .noPings()
            .followRedirects(1)
            .register();
    rig.advance(Duration.ofSeconds(1));
    assertThat(moved.state()).isEqualTo(ConnectionState.OPEN);

    rig.advance(Duration.ofMinutes(1));
    assertThat(moved.state()).isEqualTo(ConnectionState.OPEN);
    assertThat(moved.snapshot().generation()).isEqualTo(1);
  }
}

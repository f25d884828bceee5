package io.dormouse.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.loop.ManualLoop;
import io.dormouse.network.ForwardingNetwork;
import io.dormouse.network.ForwardingTransport;
import io.dormouse.network.Transport;
import io.dormouse.network.TransportOptions;
import io.dormouse.testing.PeerSocket;
import io.dormouse.testing.SimulatedNetwork;
import io.dormouse.testing.Simulations;
import io.dormouse.testing.WebSocketPeer;
import io.dormouse.websocket.WebSocketBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * How much of a WebSocket is read at once, before others have their turn: frames of two bytes are
 * 32 times as much work as their bytes.
 */
class ShortFramesTest {
  private static final int MANY = 1 << 20;

  private final ManualLoop loop = new ManualLoop();
  private final SimulatedNetwork network = Simulations.network(loop, 1).buffers(4 * MANY, 4 * MANY);
  private final List<PeerSocket> servers = new ArrayList<>();
  private final List<Integer> reads = new ArrayList<>();
  private Rig rig;

  @BeforeEach
  void open() {
    ForwardingNetwork recording =
        new ForwardingNetwork() {
          @Override
          public Transport openStream(TransportOptions options) throws IOException {
            return new ForwardingTransport(Simulations.seenBy(network).openStream(options)) {
              @Override
              public int read(ByteBuffer into) throws IOException {
                int count = super.read(into);
                reads.add(count);
                return count;
              }
            };
          }
        };
    rig = new Rig(1, loop, recording, Optional.of(network.blocking()));
    network
        .host("10.0.0.1")
        .buffers(4 * MANY, 4 * MANY)
        .serve(
            9_000,
            () ->
                new WebSocketPeer() {
                  @Override
                  protected void handshaken(PeerSocket socket) {
                    servers.add(socket);
                  }
                });
    rig.front();
    new WebSocketBuilder(rig.engine, "chat")
        .connectTo("ws://10.0.0.1:9000/")
        .noPings()
        .onBinary((ws, data) -> {})
        .register();
    rig.advance(Duration.ofSeconds(1));
    assertThat(servers).hasSize(1);
    reads.clear();
  }

  @AfterEach
  void close() {
    network.close();
  }

  /** The peer sends a frame again and again, up to so many bytes. */
  private void flood(byte[] frame, int bytes) {
    ByteBuffer all = ByteBuffer.allocate(bytes / frame.length * frame.length);
    while (all.hasRemaining()) {
      all.put(frame);
    }
    servers.get(0).send(all.flip());
    rig.advance(Duration.ofSeconds(10));
  }

  @Test
  void aFloodOfShortFramesIsReadInShortTurns() {
    for (int opcode : new int[] {0x81, 0x89, 0x8A}) { // text, ping, pong
      reads.clear();
      flood(new byte[] {(byte) opcode, 0}, MANY);
      assertThat(reads).as("opcode %x", opcode).hasSizeGreaterThan(200);
      assertThat(reads).allMatch(count -> count <= 4 * 1024);
    }
  }

  /** Each of them costs a callback too. */
  @Test
  void aFloodOfShortMessagesIsReadInTheShortestTurns() {
    flood(new byte[] {(byte) 0x81, 0}, MANY);
    assertThat(reads.subList(5, reads.size())).allMatch(count -> count <= 1024);
  }

  /** Pings, pongs and empty fragments: a server has no good reason for many of them. */
  @Test
  void aFloodOfFramesWithoutAMessageIsReadWithPauses() {
    for (int first : new int[] {0x89, 0x8A, 0x01}) { // ping, pong, a text's first fragment
      servers.get(0).send(ByteBuffer.wrap(new byte[] {(byte) first, 0}));
      rig.advance(Duration.ofSeconds(1));
      reads.clear();
      byte[] flood = new byte[MANY];
      for (int i = 0; i < MANY; i += 2) {
        flood[i] = (byte) (first == 0x01 ? 0 : first);
      }
      servers.get(0).send(ByteBuffer.wrap(flood));
      rig.advance(Duration.ofMillis(100));
      assertThat(reads).as("reads in 100 ms, of %x", first).hasSizeBetween(5, 15);
      rig.advance(Duration.ofSeconds(10));
      assertThat(reads.stream().mapToInt(Integer::intValue).sum()).isEqualTo(MANY);
    }
  }

  @Test
  void aFloodOfShortMessagesIsReadWithoutAPause() {
    ByteBuffer all = ByteBuffer.allocate(MANY);
    while (all.hasRemaining()) {
      all.put((byte) 0x82).put((byte) 0);
    }
    servers.get(0).send(all.flip());
    rig.advance(Duration.ofMillis(10));
    assertThat(reads.stream().mapToInt(Integer::intValue).sum()).isEqualTo(MANY);
  }

  /** Empty ones. */
  private static byte[] pongs(int bytes) {
    byte[] pongs = new byte[bytes];
    for (int i = 0; i < bytes; i += 2) {
      pongs[i] = (byte) 0x8A;
    }
    return pongs;
  }

  /** The server's end is awaited, and must not come late. */
  @Test
  void aFloodIsReadWithoutAPauseWhileClosing() {
    servers.get(0).send(ByteBuffer.wrap(pongs(MANY)));
    rig.advance(Duration.ofMillis(20));
    rig.back();
    rig.advance(Duration.ofMillis(100));
    assertThat(reads.stream().filter(count -> count > 0).mapToInt(Integer::intValue).sum())
        .isGreaterThanOrEqualTo(MANY);
  }

  @Test
  void aPauseLeavesNoTimerBehindWhenItsConnectionEnds() {
    network.host("10.0.0.1").link().latency(Duration.ofMillis(1));
    rig.foreignTimers = () -> Simulations.pendingTimers(network);
    servers.get(0).send(ByteBuffer.wrap(pongs(2_000)));
    rig.advance(Duration.ofMillis(2));
    rig.back();
    rig.advance(Duration.ofMillis(5)); // a pause takes 10
    assertThat(rig.lastSuspend().socketsLeft()).isZero();
    rig.assertIdle();
  }

  @Test
  void longFramesAreReadInLongTurnsAlsoAfterShortOnes() {
    flood(new byte[] {(byte) 0x8A, 0}, MANY);
    byte[] message = new byte[1_004];
    ByteBuffer.wrap(message).put((byte) 0x82).put((byte) 126).putShort((short) 1_000);
    reads.clear();
    flood(message, MANY);
    assertThat(reads).hasSizeLessThan(40).contains(64 * 1024);
  }
}

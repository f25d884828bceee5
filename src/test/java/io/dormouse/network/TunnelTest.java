package io.dormouse.network;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.loop.Loop;
import io.dormouse.loop.ManualLoop;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said to a proxy, over a transport that takes and gives what the test says. */
class TunnelTest {
  private static final String YES = "HTTP/1.1 200 OK\r\n\r\n";

  private final StringBuilder sent = new StringBuilder();
  private final ByteBuffer incoming = ByteBuffer.allocate(100).limit(0);
  private final List<String> told = new ArrayList<>();
  private int room;
  private int watchedFor;
  private Loop.Handler handler;

  private final Transport transport =
      new ForwardingTransport(null) {
        @Override
        public Loop.Registration watch(Loop loop, int ops, Loop.Handler on) {
          handler = on;
          return wanted -> watchedFor = wanted;
        }

        @Override
        public int write(ByteBuffer from) {
          int written = 0;
          while (room > 0 && from.hasRemaining()) {
            sent.append((char) from.get());
            room--;
            written++;
          }
          return written;
        }

        @Override
        public int read(ByteBuffer into) {
          int read = 0;
          while (incoming.hasRemaining() && into.hasRemaining()) {
            into.put(incoming.get());
            read++;
          }
          return read;
        }
      };

  private void begin() throws ProxyException {
    new Tunnel(
            transport,
            new HttpConnect("h.example", 443, null),
            () -> told.add("open, watched for " + watchedFor),
            e -> told.add(e.getMessage()))
        .begin(new ManualLoop());
  }

  private void say(String words) {
    incoming.clear();
    incoming.put(US_ASCII.encode(words)).flip();
    handler.ready(SelectionKey.OP_READ);
  }

  @Test
  void whatTheTransportHasNoRoomForIsSaidLater() throws Exception {
    room = 10;
    begin();
    assertThat(watchedFor).isEqualTo(SelectionKey.OP_WRITE);
    room = 1_000;
    handler.ready(SelectionKey.OP_WRITE);
    assertThat(sent).startsWith("CONNECT h.example:443 ").endsWith("\r\n\r\n");
    assertThat(watchedFor).isEqualTo(SelectionKey.OP_READ);
  }

  /** The transport is the stream's then, which has not begun to watch it. */
  @Test
  void afterTheWayIsOpenNothingIsWatchedOrRead() throws Exception {
    room = 1_000;
    begin();
    say(YES + "welcome");
    assertThat(told).containsExactly("open, watched for 0");
    handler.ready(SelectionKey.OP_READ);
    assertThat(told).hasSize(1);
    assertThat(incoming.remaining()).isEqualTo("welcome".length());
  }

  @Test
  void afterARefusalNothingIsRead() throws Exception {
    room = 1_000;
    begin();
    say("SSH-2.0");
    assertThat(told).containsExactly("does not speak HTTP");
    say(YES);
    assertThat(told).hasSize(1);
  }
}

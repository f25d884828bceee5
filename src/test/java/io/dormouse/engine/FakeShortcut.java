package io.dormouse.engine;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;

/** A way past the loop that the test plays; what it has written is a text. */
final class FakeShortcut implements Shortcut<String> {
  final StringBuilder written = new StringBuilder();
  Runnable onceIn = () -> {};
  Runnable onWrite = () -> {};
  int takes = Integer.MAX_VALUE;
  boolean shut;
  boolean occupied;

  @Override
  public boolean enter() {
    if (shut || occupied) {
      return false;
    }
    occupied = true;
    onceIn.run();
    return true;
  }

  @Override
  public ByteBuffer encode(String payload) {
    return ByteBuffer.wrap(payload.getBytes(US_ASCII));
  }

  @Override
  public void write(ByteBuffer bytes) {
    onWrite.run();
    for (int i = 0; i < takes && bytes.hasRemaining(); i++) {
      written.append((char) bytes.get());
    }
  }

  @Override
  public void leave() {
    occupied = false;
  }

  @Override
  public void handOver(Outgoing<String> message, ByteBuffer rest) {
    occupied = false;
    written.append('|').append(US_ASCII.decode(rest));
    message.written();
  }
}

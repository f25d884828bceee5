package io.dormouse.websocket;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** What a {@link FrameReader} has told, as texts. */
final class Told implements FrameReader.Listener {
  final List<String> events = new ArrayList<>();

  /** Reads bytes in the pieces that end there; what is broken is told too. */
  static List<String> of(int maxMessageBytes, byte[] bytes, int... cuts) {
    Told told = new Told();
    return told.of(new FrameReader(told, maxMessageBytes), bytes, cuts);
  }

  /** The same of a reader that tells this. */
  List<String> of(FrameReader reader, byte[] bytes, int... cuts) {
    int from = 0;
    for (int i = 0; i <= cuts.length; i++) {
      int to = i < cuts.length ? cuts[i] : bytes.length;
      if (!read(reader, bytes, from, to)) {
        break;
      }
      from = to;
    }
    return events;
  }

  /** Returns false if a rule was broken. */
  boolean read(FrameReader reader, byte[] bytes, int from, int to) {
    ByteBuffer piece = ByteBuffer.wrap(bytes, from, to - from);
    try {
      reader.read(piece);
      if (piece.hasRemaining()) {
        events.add("left " + piece.remaining());
      }
      return true;
    } catch (FrameException e) {
      events.add("broken " + e.code() + " " + e.what());
      return false;
    }
  }

  private static String hex(ByteBuffer data) {
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  @Override
  public void text(String text, int bytes) {
    events.add("text " + text);
  }

  @Override
  public void message(Incoming message) {
    events.add(message.isText() ? "text " + message.text() : "binary " + hex(message.binary()));
  }

  @Override
  public void ping(ByteBuffer data) {
    events.add("ping " + hex(data));
  }

  @Override
  public void pong(ByteBuffer data) {
    events.add("pong " + hex(data));
  }

  @Override
  public void close(int code, String reason) {
    events.add("close " + code + " " + reason);
  }
}

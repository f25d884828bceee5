package io.dormouse.tcp;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Texts that end with a delimiter. */
final class Delimiter {
  private static final byte[] LINE_FEED = {'\n'};
  private static final byte CARRIAGE_RETURN = '\r';

  private final byte[] delimiter;
  private final boolean dropsReturn; // a carriage return before the delimiter
  private final int mostBytes;

  private Delimiter(byte[] delimiter, boolean dropsReturn, int mostBytes) {
    this.delimiter = delimiter;
    this.dropsReturn = dropsReturn;
    this.mostBytes = mostBytes;
  }

  static Delimiter lineFeed(int mostBytes) {
    return new Delimiter(LINE_FEED, true, mostBytes);
  }

  static Delimiter of(String delimiter, int mostBytes) {
    return new Delimiter(delimiter.getBytes(UTF_8), false, mostBytes);
  }

  Framing<String> framing() {
    return new Framing<>(Decoder::new, this::encode, mostBytes + longestEnd());
  }

  private int longestEnd() {
    return delimiter.length + (dropsReturn ? 1 : 0);
  }

  private ByteBuffer encode(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    if (bytes.length > mostBytes) {
      throw new IllegalArgumentException(
          "a text of " + bytes.length + " bytes, where " + mostBytes + " are the most");
    }
    ByteBuffer encoded = ByteBuffer.allocate(bytes.length + delimiter.length);
    encoded.put(bytes).put(delimiter);
    boolean losesReturn =
        dropsReturn && bytes.length > 0 && bytes[bytes.length - 1] == CARRIAGE_RETURN;
    if (find(encoded.array(), 0, encoded.capacity()) < bytes.length || losesReturn) {
      throw new IllegalArgumentException("a text with its own delimiter inside is not one");
    }
    return Buffers.flip(encoded);
  }

  /** Returns where the first delimiter begins; -1 if there is none. */
  private int find(byte[] in, int from, int to) {
    for (int i = from; i <= to - delimiter.length; i++) {
      int same = 0;
      while (same < delimiter.length && in[i + same] == delimiter[same]) {
        same++;
      }
      if (same == delimiter.length) {
        return i;
      }
    }
    return -1;
  }

  private final class Decoder implements MessageDecoder<String> {
    private int searched; // so many of the unread bytes are not where a delimiter begins

    @Override
    public @Nullable String decode(ByteBuffer bytes) throws MessageTooLongException {
      byte[] in = bytes.array();
      int begin = bytes.arrayOffset() + bytes.position();
      int limit = begin + bytes.remaining();
      int end = find(in, begin + searched, limit);
      if (end < 0) {
        searched = Math.max(0, bytes.remaining() - delimiter.length + 1);
        boolean mayEndHere = dropsReturn && in[limit - 1] == CARRIAGE_RETURN;
        check(searched - (mayEndHere ? 1 : 0));
        return null;
      }
      searched = 0;
      int length = end - begin;
      if (dropsReturn && length > 0 && in[end - 1] == CARRIAGE_RETURN) {
        length--;
      }
      check(length);
      Buffers.skip(bytes, end + delimiter.length - begin);
      return new String(in, begin, length, UTF_8);
    }

    private void check(int length) throws MessageTooLongException {
      if (length > mostBytes) {
        throw new MessageTooLongException(mostBytes);
      }
    }
  }
}

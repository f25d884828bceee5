package io.dormouse.tcp;

import java.net.ProtocolException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Where the length of a message is in the header before it, and what it counts.
 *
 * <pre>
 * .--------.----------.---------.---------.
 * | before |  length  |  after  | payload |    what the length counts: what follows it,
 * '--------'----------'---------'---------'    plus what adjustedBy says
 * </pre>
 *
 * <p>If nothing else is said, nothing stands before the length, it counts all that follows it, and
 * what follows it is the message. A field is immutable: each method returns another one.
 */
public final class LengthField {
  private final int bytes;
  private final boolean littleEndian;
  private final int offset;
  private final int adjustment;
  private final int stripped;

  private LengthField(int bytes, boolean littleEndian, int offset, int adjustment, int stripped) {
    this.bytes = bytes;
    this.littleEndian = littleEndian;
    this.offset = offset;
    this.adjustment = adjustment;
    this.stripped = stripped;
  }

  /**
   * {@return a field that is an unsigned number, its most significant byte first}
   *
   * @param bytes 1, 2, 3, 4 or 8
   * @throws IllegalArgumentException if it is another number
   */
  public static LengthField ofBytes(int bytes) {
    if (bytes < 1 || (bytes > 4 && bytes != 8)) {
      throw new IllegalArgumentException("a length has 1, 2, 3, 4 or 8 bytes, not " + bytes);
    }
    return new LengthField(bytes, false, 0, 0, bytes);
  }

  /** {@return the field with its least significant byte first} */
  public LengthField littleEndian() {
    return new LengthField(bytes, true, offset, adjustment, stripped);
  }

  /**
   * {@return the field with so many bytes of a header before it, which are stripped with it}
   *
   * @param bytesBefore from 0 to 65535
   */
  public LengthField at(int bytesBefore) {
    int checked = check("bytesBefore", bytesBefore);
    return new LengthField(bytes, littleEndian, checked, adjustment, checked + bytes);
  }

  /**
   * {@return the field with a number that is to be added to the length, to get how many bytes
   * follow it: what of the header follows it, if it counts the payload only; negative for what it
   * counts that does not follow it} {@code adjustedBy(-4)} is for a length of four bytes that
   * counts itself.
   *
   * @param bytesMore from -65535 to 65535
   */
  public LengthField adjustedBy(int bytesMore) {
    int checked = Integer.signum(bytesMore) * check("bytesMore", Math.abs(bytesMore));
    return new LengthField(bytes, littleEndian, offset, checked, stripped);
  }

  /**
   * {@return the field with so many bytes that are not part of the message, from its beginning; 0
   * to have the whole header delivered} To be said after {@link #at}.
   *
   * @param firstBytes from 0 to 65535
   */
  public LengthField strip(int firstBytes) {
    return new LengthField(
        bytes, littleEndian, offset, adjustment, check("firstBytes", firstBytes));
  }

  private static int check(String what, int value) {
    if (value < 0 || value > 65_535) {
      throw new IllegalArgumentException(what + " is from 0 to 65535, not " + value);
    }
    return value;
  }

  Framing<ByteBuffer> framing(int mostBytes) {
    Framing<ByteBuffer> framing =
        new Framing<>(() -> decoder(mostBytes), null, mostBytes + Math.max(stripped, headerEnd()));
    boolean symmetric = offset == 0 && stripped == bytes;
    return symmetric ? framing.encodedBy(message -> encode(message, mostBytes)) : framing;
  }

  private int headerEnd() {
    return offset + bytes;
  }

  private MessageDecoder<ByteBuffer> decoder(int mostBytes) {
    return in -> decode(in, mostBytes);
  }

  private @Nullable ByteBuffer decode(ByteBuffer in, int mostBytes) throws Exception {
    if (in.remaining() < headerEnd()) {
      return null;
    }
    long length = read(in, in.position() + offset);
    // A length of eight bytes may be so large that it is negative, or gets so by adding.
    boolean huge = length < 0 || length > Integer.MAX_VALUE;
    long whole = huge ? Long.MAX_VALUE : headerEnd() + length + adjustment;
    if (whole < Math.max(headerEnd(), stripped)) {
      throw new ProtocolException("a message that is shorter than its header");
    } else if (whole - stripped > mostBytes) {
      throw new MessageTooLongException(mostBytes);
    } else if (in.remaining() < whole) {
      return null;
    }
    Buffers.skip(in, stripped);
    byte[] message = new byte[(int) whole - stripped];
    in.get(message);
    return ByteBuffer.wrap(message);
  }

  private long read(ByteBuffer in, int at) {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      int next = littleEndian ? at + bytes - 1 - i : at + i;
      value = (value << 8) | (in.get(next) & 0xff);
    }
    return value;
  }

  private ByteBuffer encode(ByteBuffer message, int mostBytes) {
    long length = (long) message.remaining() - adjustment;
    boolean fits = length >= 0 && (bytes == 8 || length < 1L << (8 * bytes));
    if (message.remaining() > mostBytes || !fits) {
      throw new IllegalArgumentException(
          "a message of "
              + message.remaining()
              + " bytes, where "
              + mostBytes
              + " are the most and the length has "
              + bytes
              + " bytes");
    }
    ByteBuffer encoded = ByteBuffer.allocate(bytes + message.remaining());
    for (int i = 0; i < bytes; i++) {
      int shift = 8 * (littleEndian ? i : bytes - 1 - i);
      encoded.put((byte) (length >> shift));
    }
    return Buffers.flip(encoded.put(message.duplicate()));
  }
}

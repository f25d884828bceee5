package io.dormouse.tcp;

import io.dormouse.check.Check;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where messages begin and end in a stream of bytes, for both directions: {@link
 * TcpBuilder#onMessage} takes what comes apart, and {@link #encode} makes the bytes of what is
 * sent.
 *
 * <pre>{@code
 * Framing<String> lines = Framing.lines(8_192);
 * TcpConnection telemetry = registry.tcp("telemetry")
 *     .connectTo("telemetry.example.com", 9000)
 *     .onMessage(lines, (tcp, line) -> tcp.send(lines.encode("ok")))
 *     .register();
 * }</pre>
 *
 * <p>Each has a bound on how long a message may be, whatever the peer sends. A longer one ends the
 * generation with {@code LIMIT_EXCEEDED}, as soon as it is known to be longer. While a message is
 * incomplete, a connection holds up to twice that in memory, besides what the app has not taken
 * yet.
 *
 * <p>A framing has no state, so several connections may share one. All methods are safe from any
 * thread.
 *
 * @param <M> what a message is to the app
 */
public final class Framing<M> {
  private final Supplier<? extends MessageDecoder<? extends M>> decoders;
  private final @Nullable Function<? super M, ByteBuffer> encoder;
  private final int mostBytes;

  Framing(
      Supplier<? extends MessageDecoder<? extends M>> decoders,
      @Nullable Function<? super M, ByteBuffer> encoder,
      int mostBytes) {
    this.decoders = decoders;
    this.encoder = encoder;
    this.mostBytes = mostBytes;
  }

  /**
   * Lines of text in UTF-8, which end with a line feed, or with a carriage return and a line feed;
   * neither is part of the message. What is sent ends with a line feed. Bytes that are not UTF-8
   * become U+FFFD.
   *
   * <p>A last line without an end is dropped, since nobody knows whether it is complete. Where a
   * lone line feed must not end a line, as in SMTP, use {@link #delimitedBy}.
   *
   * @param mostBytes the longest line in bytes, without its end; from 1 to 2^30
   * @return a framing that may be shared
   * @throws IllegalArgumentException if the bound is out of range
   */
  public static Framing<String> lines(int mostBytes) {
    return Delimiter.lineFeed(checkBound(mostBytes)).framing();
  }

  /**
   * Texts in UTF-8 that end with this delimiter, which is not part of the message. Bytes that are
   * not UTF-8 become U+FFFD. A last text without an end is dropped.
   *
   * @param delimiter such as {@code "\r\n"} or {@code "\0"}; not empty
   * @param mostBytes the longest text in bytes, without its end; from 1 to 2^30
   * @return a framing that may be shared
   * @throws IllegalArgumentException if the delimiter is empty, or the bound is out of range
   */
  public static Framing<String> delimitedBy(String delimiter, int mostBytes) {
    if (Check.given("framing", "delimiter", delimiter).isEmpty()) {
      throw new IllegalArgumentException("an empty delimiter ends nothing");
    }
    return Delimiter.of(delimiter, checkBound(mostBytes)).framing();
  }

  /**
   * Messages with their length before them, as an unsigned number of so many bytes, the most
   * significant one first. Each buffer that is received is the callback's own.
   *
   * @param lengthBytes 1, 2, 3, 4 or 8
   * @param mostBytes the longest message in bytes, without its length; from 1 to 2^30
   * @return a framing that may be shared
   * @throws IllegalArgumentException if one of them is out of range
   */
  public static Framing<ByteBuffer> lengthPrefixed(int lengthBytes, int mostBytes) {
    return lengthPrefixed(LengthField.ofBytes(lengthBytes), mostBytes);
  }

  /**
   * Messages with a header that has their length. Each buffer that is received is the callback's
   * own.
   *
   * @param field where the length is, and what it counts
   * @param mostBytes the longest message in bytes, as it is delivered; from 1 to 2^30
   * @return a framing that may be shared
   * @throws IllegalArgumentException if the bound is out of range
   */
  public static Framing<ByteBuffer> lengthPrefixed(LengthField field, int mostBytes) {
    return Check.given("framing", "field", field).framing(checkBound(mostBytes));
  }

  /**
   * Messages that a decoder of the app's own finds. What is to be sent is encoded by {@link
   * #encodedBy}, if anything is.
   *
   * @param <M> what a message is to the app
   * @param decoder makes a decoder for one generation; called on the callback executor when its
   *     first bytes have come. If it throws, the generation ends with {@code SUPPLIER_FAILED}
   * @param mostBytes how many bytes one message takes at most, with all that stands around it; from
   *     1 to 2^30
   * @return a framing without an encoder
   * @throws IllegalArgumentException if the bound is out of range
   */
  public static <M> Framing<M> decodedBy(
      Supplier<? extends MessageDecoder<? extends M>> decoder, int mostBytes) {
    Check.given("framing", "decoder", decoder);
    return new Framing<>(decoder, null, checkBound(mostBytes));
  }

  /**
   * {@return this framing with an encoder, which must make bytes that its decoder understands}
   *
   * @param encoder called by the thread that calls {@link #encode}; returns a buffer that nobody
   *     else uses
   */
  public Framing<M> encodedBy(Function<? super M, ByteBuffer> encoder) {
    return new Framing<>(decoders, Check.given("framing", "encoder", encoder), mostBytes);
  }

  private static int checkBound(int mostBytes) {
    if (mostBytes < 1 || mostBytes > 1 << 30) {
      throw new IllegalArgumentException("the longest message is from 1 to 2^30, not " + mostBytes);
    }
    return mostBytes;
  }

  /**
   * {@return a message as it is sent: {@code tcp.send(framing.encode(message))}}
   *
   * @param message what is to be sent; not null
   * @throws IllegalArgumentException if the message is longer than the bound, or has the delimiter
   *     inside, which would make two of it
   * @throws UnsupportedOperationException if this framing has no encoder
   */
  public ByteBuffer encode(M message) {
    Check.given("framing", "message", message);
    Function<? super M, ByteBuffer> mine = encoder;
    if (mine == null) {
      throw new UnsupportedOperationException("this framing has no encoder; see encodedBy");
    }
    return mine.apply(message);
  }

  MessageDecoder<? extends M> newDecoder() {
    return Objects.requireNonNull(decoders.get(), "the supplier returned no decoder");
  }

  int mostBytes() {
    return mostBytes;
  }
}

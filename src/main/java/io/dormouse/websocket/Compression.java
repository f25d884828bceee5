package io.dormouse.websocket;

import io.dormouse.check.Check;

/**
 * How a WebSocket's messages are compressed, if the server agrees: permessage-deflate (RFC 7692).
 * Each value is a new one; {@link #deflate()} is where they begin.
 *
 * <p>A side with <i>context takeover</i> refers to its earlier messages, so that messages which are
 * like each other become much shorter. It costs memory for as long as the socket is open: some 260
 * KiB outside the heap for what is sent, from the first message that is compressed, and 40 KiB for
 * what is received. Without it, the memory is given back after each message.
 *
 * <p>Whoever can put text into the same message as a secret can find the secret out by the length
 * of what is sent (CRIME, BREACH): such messages are better not compressed.
 */
public final class Compression {
  private static final String WHO = "compression";
  private static final int LARGEST_WINDOW = 15;

  private static final Compression STANDARD = new Compression(1024, true, true, LARGEST_WINDOW);

  private final int minimumSize;
  private final boolean clientTakeover;
  private final boolean serverTakeover;
  private final int serverWindowBits;

  private Compression(
      int minimumSize, boolean clientTakeover, boolean serverTakeover, int serverWindowBits) {
    this.minimumSize = minimumSize;
    this.clientTakeover = clientTakeover;
    this.serverTakeover = serverTakeover;
    this.serverWindowBits = serverWindowBits;
  }

  /**
   * {@return what most servers agree to: messages of 1,024 bytes and more are compressed, which is
   * what OkHttp does, both sides may take their context over, and the server may use the largest
   * window}
   */
  public static Compression deflate() {
    return STANDARD;
  }

  /**
   * Sends shorter messages as they are: they gain little. If this method is not invoked, those
   * below 1,024 bytes; an empty message is never compressed.
   *
   * @param bytes from 0 to 2^30, of UTF-8 for texts
   * @return a new value
   * @throws IllegalArgumentException if it is out of that range
   */
  public Compression minimumSize(int bytes) {
    int checked = Check.within(WHO, "minimumSize", 0, 1 << 30, bytes);
    return new Compression(checked, clientTakeover, serverTakeover, serverWindowBits);
  }

  /**
   * Compresses each message that is sent by itself, and tells the server so (RFC 7692, section
   * 7.1.1.2). If this method is not invoked, what is sent refers to earlier messages unless the
   * server asks for the contrary.
   *
   * @return a new value
   */
  public Compression withoutClientTakeover() {
    return new Compression(minimumSize, false, serverTakeover, serverWindowBits);
  }

  /**
   * Has the server compress each message by itself (RFC 7692, section 7.1.1.1). A server that can't
   * does not compress at all. If this method is not invoked, it does as it likes.
   *
   * @return a new value
   */
  public Compression withoutServerTakeover() {
    return new Compression(minimumSize, clientTakeover, false, serverWindowBits);
  }

  /**
   * Has the server refer no further back than 2^bits bytes (RFC 7692, section 7.1.2.1), which costs
   * the server less memory. A server that can't does not compress at all; the one of npm's {@code
   * ws} answers 400 then. If this method is not invoked, 15: it does as it likes.
   *
   * @param bits from 8 to 15
   * @return a new value
   * @throws IllegalArgumentException if it is out of that range
   */
  public Compression serverWindowBits(int bits) {
    int checked = Check.within(WHO, "serverWindowBits", 8, LARGEST_WINDOW, bits);
    return new Compression(minimumSize, clientTakeover, serverTakeover, checked);
  }

  int minimumSize() {
    return minimumSize;
  }

  boolean clientTakeover() {
    return clientTakeover;
  }

  boolean serverTakeover() {
    return serverTakeover;
  }

  int serverWindowBits() {
    return serverWindowBits;
  }
}

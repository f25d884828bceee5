package io.dormouse.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** Texts as bytes, and back. */
public final class Texts {
  private Texts() {}

  /** Returns the bytes of a text. */
  public static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  /** Returns the text of bytes. */
  public static String text(ByteBuffer bytes) {
    return UTF_8.decode(bytes).toString();
  }

  /** Waits for the next text of a queue. */
  public static String next(BlockingQueue<String> texts) {
    try {
      String next = texts.poll(Await.LIMIT.toSeconds(), TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("nothing came");
      }
      return next;
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }
}

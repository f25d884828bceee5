package io.dormouse.tls;

import java.io.ByteArrayOutputStream;
import java.nio.Buffer;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads in what a server answers whether it resumes an earlier session. The engines don't say: the
 * JDK's have sessions that remember when they were made, those of Conscrypt forget it, and another
 * user of the same {@link javax.net.ssl.SSLContext} may have made one.
 *
 * <p>With TLS 1.3 the server says so in its hello (RFC 8446, section 4.2.11). With TLS 1.2 it does
 * by what it leaves out: a resumed handshake has no certificate (RFC 5246, section 7.3; RFC 5077,
 * section 3.1). All of that is said before anything is encrypted.
 *
 * <p>With TLS 1.2 it reads on, for whether the server asks for a certificate: to one that has none
 * it says no more than {@code handshake_failure} (RFC 5246, section 7.4.6; the JDK's does so since
 * 25). TLS 1.3 encrypts the question, and has an alert of its own. Loop only.
 */
final class ServerAnswer {
  /** Types of records, of messages in them, and of extensions of a hello. */
  private static final int CHANGE_CIPHER_SPEC = 20;

  private static final int HANDSHAKE = 22;
  private static final int SERVER_HELLO = 2;
  private static final int NEW_SESSION_TICKET = 4;
  private static final int CERTIFICATE_REQUEST = 13;
  private static final int SERVER_HELLO_DONE = 14;
  private static final int PRE_SHARED_KEY = 41;
  private static final int SUPPORTED_VERSIONS = 43;

  /** How the random of a server begins that wants another hello (RFC 8446, section 4.1.3). */
  private static final long HELLO_RETRY = 0xCF21AD74E59A6111L;

  /** A hello is shorter, and so is nearly any chain of certificates. */
  private static final int MOST = 1 << 14;

  /** A message that is not whole yet; null when nothing more is to be found out. */
  private @Nullable ByteArrayOutputStream messages = new ByteArrayOutputStream();

  private boolean saidHello; // of TLS 1.2
  private boolean resumed;
  private boolean asksForCertificate;

  /** Returns whether the server goes on with an earlier session, as far as it has said. */
  boolean isResumed() {
    return resumed;
  }

  /** Returns whether the server asks for a certificate, as far as that is not encrypted. */
  boolean asksForCertificate() {
    return asksForCertificate;
  }

  /** Returns whether more is to be added. */
  boolean isUnknown() {
    return messages != null;
  }

  /** Takes whole records that the engine has taken as well. */
  void add(ByteBuffer records) {
    try {
      while (messages != null && records.hasRemaining()) {
        int type = records.get();
        int unused = records.getShort(); // the version
        byte[] content = new byte[records.getShort() & 0xFFFF];
        records.get(content);
        record(type, content);
      }
    } catch (BufferUnderflowException e) {
      decided(false); // and the engine finds fault with that
    }
  }

  private void record(int type, byte[] content) {
    ByteArrayOutputStream begun = messages;
    if (begun == null || begun.size() > MOST) {
      decided(false);
    } else if (type == HANDSHAKE) {
      begun.write(content, 0, content.length);
      ByteBuffer rest = ByteBuffer.wrap(begun.toByteArray());
      begun.reset();
      while (messages != null && message(rest)) {}
      begun.write(rest.array(), rest.position(), rest.remaining());
    } else if (type == CHANGE_CIPHER_SPEC && saidHello) { // to what was agreed on before
      decided(true);
    }
  }

  /** Returns false if there is no whole message. */
  private boolean message(ByteBuffer all) {
    if (all.remaining() < 4) {
      return false;
    }
    int head = all.getInt(all.position());
    if (all.remaining() < 4 + (head & 0xFFFFFF)) {
      return false;
    }
    ByteBuffer body = all.duplicate();
    ((Buffer) body).position(all.position() + 4);
    ((Buffer) body).limit(body.position() + (head & 0xFFFFFF));
    ((Buffer) all).position(body.limit());
    int type = head >>> 24;
    if (saidHello) {
      afterHello(type);
    } else if (type == SERVER_HELLO) {
      hello(body);
    }
    return true;
  }

  /** RFC 5246, section 7.3. */
  private void afterHello(int type) {
    switch (type) {
      case NEW_SESSION_TICKET -> decided(true);
      case CERTIFICATE_REQUEST -> {
        asksForCertificate = true;
        decided(false);
      }
      case SERVER_HELLO_DONE -> decided(false);
      default -> {} // its certificate, and what belongs to that
    }
  }

  /** RFC 8446, section 4.1.3, and RFC 5246, section 7.4.1.3, which is the same without 1.3. */
  private void hello(ByteBuffer body) {
    skip(body, 2);
    boolean retry = body.getLong() == HELLO_RETRY;
    skip(body, 32 - 8);
    skip(body, body.get() & 0xFF); // the session's id
    skip(body, 3); // the cipher suite, and no compression
    boolean thirteen = false;
    boolean goesOn = false;
    if (body.hasRemaining()) {
      skip(body, 2);
      while (body.hasRemaining()) {
        int extension = body.getShort();
        thirteen |= extension == SUPPORTED_VERSIONS;
        goesOn |= extension == PRE_SHARED_KEY;
        skip(body, body.getShort() & 0xFFFF);
      }
    }
    if (!thirteen) {
      saidHello = true;
    } else if (!retry) {
      decided(goesOn);
    }
  }

  private static void skip(ByteBuffer body, int count) {
    if (count > body.remaining()) {
      throw new BufferUnderflowException();
    }
    ((Buffer) body).position(body.position() + count);
  }

  private void decided(boolean goesOn) {
    resumed = goesOn;
    messages = null;
  }
}

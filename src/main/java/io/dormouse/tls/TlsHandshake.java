package io.dormouse.tls;

import io.dormouse.connection.TlsSession;
import io.dormouse.network.Attempt;
import io.dormouse.tls.TlsFailure.ClientCertificate;
import java.io.EOFException;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The handshake of a {@link TlsTransport}: the first, and whatever is agreed later. What it
 * computes it computes on another thread. Loop only, except for its session.
 */
final class TlsHandshake {
  /**
   * What it is at.
   *
   * <pre>{@code
   * EXCHANGING <-> COMPUTING
   *    |  ^           |
   *    |  '-------.   v
   *    |        VERIFYING --> DONE
   *    v                       |
   *   DONE <--- EXCHANGING <---'   the peer changes its keys, or, with TLS 1.2, agrees all anew
   * }</pre>
   */
  private enum Phase {
    /** Messages go to and fro, before which nothing else goes. */
    EXCHANGING,
    /** A step is done on another thread. */
    COMPUTING,
    /** All is agreed, and another thread looks whether the server is the one that is meant. */
    VERIFYING,
    /** Both directions are in use. */
    DONE
  }

  /** As {@link SSLEngine#getSession} has it before the first handshake is complete. */
  private static final String NOTHING_AGREED = "SSL_NULL_WITH_NULL_NULL";

  private final Attempt attempt;
  private final TlsClient client;
  private final String name;
  private final SSLEngine engine;
  private final boolean handsOut; // what it would compute; else it does that when it receives
  private final Outgoing outgoing;
  private final Incoming incoming;
  private final Runnable computed;
  private final Consumer<TlsException> failed;

  private Phase phase = Phase.EXCHANGING;
  private boolean unverified = true; // whom we speak to
  private boolean certificateGiven; // ours; asked in time, since Conscrypt forgets it in a failure
  private volatile @Nullable TlsSession session;

  /**
   * Creates one that {@link #goOn()} lets begin.
   *
   * @param name of the server
   * @param computed is called when another thread has done its part, so that it can go on
   * @param failed is called if the other thread has failed
   */
  TlsHandshake(
      Attempt attempt,
      TlsClient client,
      String name,
      SSLEngine engine,
      Outgoing outgoing,
      Incoming incoming,
      Runnable computed,
      Consumer<TlsException> failed) {
    this.attempt = attempt;
    this.client = client;
    this.name = name;
    this.engine = engine;
    this.handsOut = !TlsClient.isConscrypt(engine);
    this.outgoing = outgoing;
    this.incoming = incoming;
    this.computed = computed;
    this.failed = failed;
  }

  /** Returns whether nothing is being agreed on. */
  boolean isDone() {
    return phase == Phase.DONE;
  }

  /** Returns whether it waits for another thread. */
  boolean isComputing() {
    return phase == Phase.COMPUTING || phase == Phase.VERIFYING;
  }

  /** Returns whether it waits for the peer. */
  boolean waitsForPeer() {
    return phase == Phase.EXCHANGING && engine.getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP;
  }

  /** Returns whether the engine has something to say or to do before it decrypts on. */
  boolean isDue() {
    return switch (engine.getHandshakeStatus()) {
      case NEED_WRAP, NEED_TASK -> true;
      default -> false;
    };
  }

  /** Begins again: it {@linkplain #isDue() is due}. */
  void begin() {
    phase = Phase.EXCHANGING;
  }

  /** Goes as far as it goes now. */
  void goOn() throws TlsException {
    try {
      boolean goesOn = true;
      while (goesOn && phase == Phase.EXCHANGING) {
        goesOn =
            switch (engine.getHandshakeStatus()) {
              case NEED_WRAP -> (outgoing.hasRoom() || outgoing.flush()) && send();
              case NEED_UNWRAP -> handsOut ? receive() : fetch();
              case NEED_TASK -> compute(this::computeSteps);
              default -> verify();
            };
      }
    } catch (IOException | RuntimeException e) { // engines throw both at what a peer sends
      throw failure(e);
    }
  }

  /** Returns false if the engine still wants to send and can't. */
  private boolean send() throws IOException {
    // That of Android ends a handshake with a message of no bytes.
    return outgoing.sendOwn() || engine.getHandshakeStatus() != HandshakeStatus.NEED_WRAP;
  }

  /** Returns false if nothing came. */
  private boolean receive() throws IOException {
    incoming.readForHandshake();
    if (engine.getHandshakeStatus() != HandshakeStatus.NEED_UNWRAP) {
      return true;
    } else if (incoming.end() != Incoming.End.NONE) {
      throw new EOFException("in the handshake");
    }
    return false;
  }

  /** Has another thread receive. Returns false. */
  private boolean fetch() throws IOException {
    if (incoming.fetch()) {
      return compute(
          () -> {
            incoming.decryptFetched();
            return engine;
          });
    } else if (incoming.end() != Incoming.End.NONE) {
      throw new EOFException("in the handshake");
    }
    return false;
  }

  private SSLEngine computeSteps() {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
    return engine;
  }

  private boolean compute(Callable<SSLEngine> step) {
    phase = Phase.COMPUTING;
    unverified = true; // key updates compute nothing, so this is about whom we speak to
    attempt.handshake(
        step,
        done -> {
          phase = Phase.EXCHANGING;
          askForCertificate(engine.getHandshakeSession());
          computed.run();
        },
        this::computingFailed);
    return false;
  }

  private boolean verify() throws EOFException {
    if (!unverified) {
      phase = Phase.DONE;
      return false;
    } else if (engine.getSession().getCipherSuite().equals(NOTHING_AGREED)) {
      throw new EOFException("in the handshake"); // user_canceled, and then close_notify
    }
    phase = Phase.VERIFYING;
    askForCertificate(engine.getSession());
    boolean resumed = incoming.isResumed();
    attempt.handshake(
        () -> client.verify(name, engine.getSession(), resumed),
        agreed -> {
          if (session == null) { // what is agreed anew goes on with the first
            session = agreed;
          }
          unverified = false;
          phase = Phase.DONE;
          computed.run();
        },
        this::computingFailed);
    return false;
  }

  private void computingFailed(Exception e) {
    phase = Phase.EXCHANGING;
    failed.accept(failure(e));
  }

  private TlsException failure(Exception e) {
    return new TlsException(TlsFailure.ofHandshake(e, clientCertificate()), e);
  }

  private void askForCertificate(@Nullable SSLSession agreed) {
    certificateGiven = agreed != null && agreed.getLocalCertificates() != null;
  }

  /** Returns whether the peer has a certificate of ours. */
  ClientCertificate clientCertificate() {
    if (certificateGiven) {
      return ClientCertificate.GIVEN;
    }
    return incoming.asksForCertificate() ? ClientCertificate.MISSING : ClientCertificate.NONE;
  }

  /** Returns what was agreed on; null before the first time. Any thread. */
  @Nullable TlsSession session() {
    return session;
  }
}

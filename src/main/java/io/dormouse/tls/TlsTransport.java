package io.dormouse.tls;

import io.dormouse.connection.TlsSession;
import io.dormouse.log.LogLine;
import io.dormouse.loop.Loop;
import io.dormouse.network.Attempt;
import io.dormouse.network.Transport;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * TLS over a transport that is connected. {@link #finishConnect()} goes on with the handshake.
 *
 * <p>The end of a side is TLS's own: {@code close_notify}, and then that of the transport below.
 * One without {@code close_notify} may be anybody's doing (RFC 8446, section 6.1), so that is no
 * end, but a failure to read; unless our side was ended before, since then nothing is missed. With
 * TLS 1.2 the peer's end is ours as well (RFC 5246, section 7.2.1).
 *
 * <p>What is encrypted and the system does not take yet is not counted as written: {@code write} is
 * to be called with the same bytes again, as who writes does with what was not taken.
 *
 * <p>Loop only, except for its addresses and its session.
 */
public final class TlsTransport implements Transport {
  private static final LogLine NO_GOODBYE =
      LogLine.debug(
          LoggerFactory.getLogger("io.dormouse.connections"),
          "{}: the peer is not told of the end by TLS");

  /** After so many changes of keys the other connections have their turn. */
  private static final int MOST_DISTURBANCES = 16;

  /**
   * What it is at.
   *
   * <pre>{@code
   * SHAKING <-> WORKING
   *    |  ^        |
   *    |  '-----.  v
   *    |        CHECKING -> OPEN
   *    v                     |
   *   OPEN <--- SHAKING <----'   the peer changes its keys, or, with TLS 1.2, has all agreed anew
   * }</pre>
   */
  private enum Phase {
    /** Messages of a handshake go to and fro, before which nothing else goes. */
    SHAKING,
    /** A step of the handshake is done on another thread. */
    WORKING,
    /**
     * The handshake is done, and another thread looks whether the server is the one that is meant.
     */
    CHECKING,
    /** Both directions are in use. */
    OPEN
  }

  private final Transport below;
  private final Attempt attempt;
  private final TlsClient client;
  private final String name;
  private final SSLEngine engine;
  private final Outgoing outgoing;
  private final Incoming incoming;

  private Phase phase = Phase.SHAKING;
  private boolean unchecked = true; // whom we speak to
  private @Nullable SSLSession shaken; // what is being agreed on, as far as is known
  private volatile @Nullable TlsSession session;
  private @Nullable IOException failure; // of which whoever uses this next is told
  private boolean silent; // the peer is not to be told of the end

  private Loop.@Nullable Registration registration;
  private Loop.@Nullable Handler handler;
  private @Nullable Loop loop;
  private int wanted; // by who uses this
  private int watched; // of the transport below
  private boolean announced; // what the transport below does not announce

  /**
   * Takes a connected transport over.
   *
   * @param name of the server
   * @param engine from {@link TlsClient#newEngine}
   */
  TlsTransport(Transport below, Attempt attempt, TlsClient client, String name, SSLEngine engine) {
    this.below = below;
    this.attempt = attempt;
    this.client = client;
    this.name = name;
    this.engine = engine;
    this.outgoing = new Outgoing(below, engine);
    this.incoming = new Incoming(below, engine);
  }

  // -------------------------------------------------------------------------------- the handshake

  @Override
  public boolean connect(InetSocketAddress to) {
    throw new AlreadyConnectedException();
  }

  @Override
  public boolean finishConnect() throws IOException {
    goOn();
    throwFailure();
    return phase == Phase.OPEN;
  }

  /** Returns whether the handshake waits for this side and not for the peer. */
  boolean isWorking() {
    return phase == Phase.WORKING || phase == Phase.CHECKING;
  }

  /** Goes on with a handshake, if there is one, as far as that goes now. */
  private void goOn() {
    if (failure == null && phase == Phase.SHAKING) {
      try {
        shake();
      } catch (IOException | RuntimeException e) { // engines throw both at what a peer sends
        failShaking(e);
      }
    }
    update();
  }

  private void shake() throws IOException {
    boolean goesOn = true;
    while (goesOn && phase == Phase.SHAKING) {
      goesOn =
          switch (engine.getHandshakeStatus()) {
            case NEED_WRAP -> (outgoing.hasRoom() || outgoing.flush()) && send();
            case NEED_UNWRAP -> receive();
            case NEED_TASK -> work();
            default -> shaken();
          };
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

  private boolean work() {
    phase = Phase.WORKING;
    unchecked = true; // key updates need no work, so this is about whom we speak to
    attempt.handshake(
        () -> {
          for (Runnable task = engine.getDelegatedTask();
              task != null;
              task = engine.getDelegatedTask()) {
            task.run();
          }
          return engine;
        },
        done -> {
          phase = Phase.SHAKING;
          shaken = engine.getHandshakeSession();
          workEnded();
        },
        this::workFailed);
    return false;
  }

  private boolean shaken() {
    if (!unchecked) {
      phase = Phase.OPEN;
      return false;
    }
    phase = Phase.CHECKING;
    boolean resumed = incoming.isResumed();
    attempt.handshake(
        () -> client.verify(name, engine.getSession(), resumed),
        agreed -> {
          if (session == null) { // what is agreed anew goes on with the first
            session = agreed;
          }
          unchecked = false;
          shaken = null;
          phase = Phase.OPEN;
          workEnded();
        },
        this::workFailed);
    return false;
  }

  private void workFailed(Exception e) {
    phase = Phase.SHAKING;
    failShaking(e);
    workEnded();
  }

  private void workEnded() {
    if (below.isOpen()) {
      goOn();
      tellIfUsable();
    }
  }

  private void failShaking(Exception e) {
    failure = new TlsException(TlsFailure.ofHandshake(e, gaveCertificate()), e);
  }

  private boolean gaveCertificate() {
    SSLSession latest = shaken == null ? engine.getSession() : shaken;
    return latest.getLocalCertificates() != null;
  }

  private void throwFailure() throws IOException {
    if (failure != null) {
      throw failure;
    }
  }

  // ------------------------------------------------------------------------------------- readiness

  @Override
  public Loop.Registration watch(Loop on, int ops, Loop.Handler newHandler) throws IOException {
    loop = on;
    handler = newHandler;
    wanted = ops;
    watched = opsBelow();
    registration = below.watch(on, watched, this::ready);
    update();
    return newOps -> {
      wanted = newOps;
      update();
    };
  }

  private int opsBelow() {
    int write = outgoing.isBlocked() ? SelectionKey.OP_WRITE : 0;
    if (failure != null || isWorking()) {
      return write;
    } else if (phase == Phase.SHAKING) {
      boolean reads =
          engine.getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP && !incoming.hasDecrypted();
      return write | (reads ? SelectionKey.OP_READ : 0);
    }
    boolean reads = (wanted & SelectionKey.OP_READ) != 0 && incoming.end() == Incoming.End.NONE;
    return write | (reads ? SelectionKey.OP_READ : 0) | (wanted & SelectionKey.OP_WRITE);
  }

  private void update() {
    Loop.Registration registered = registration;
    if (registered == null || !below.isOpen()) {
      return;
    }
    int ops = opsBelow();
    if (watched != ops) {
      watched = ops;
      registered.interest(ops);
    }
    if (!announced && usableNow() != 0 && loop != null) {
      announced = true;
      loop.execute(this::announce);
    }
  }

  /** For what it is ready, that nothing below will announce. */
  private int usableNow() {
    if (failure != null) {
      return wanted;
    }
    boolean reads = phase == Phase.OPEN ? incoming.hasMore() : incoming.hasDecrypted();
    return reads ? wanted & SelectionKey.OP_READ : 0;
  }

  private void announce() {
    announced = false;
    int ops = usableNow();
    if (ops != 0 && below.isOpen()) {
      tell(ops);
    }
  }

  private void ready(int ops) {
    if (phase != Phase.OPEN || failure != null) {
      flushBelow(ops);
      goOn();
      tellIfUsable();
      return;
    }
    flushBelow(ops);
    tell(ops & wanted);
  }

  /** What belongs to nobody who would write. */
  private void flushBelow(int ops) {
    if ((ops & SelectionKey.OP_WRITE) != 0 && failure == null) {
      try {
        boolean unused = outgoing.flush();
      } catch (IOException e) {
        failure = e;
      }
    }
  }

  private void tellIfUsable() {
    if (phase == Phase.OPEN || failure != null) {
      tell(wanted);
    }
  }

  private void tell(int ops) {
    Loop.Handler told = handler;
    if (ops != 0 && told != null) {
      told.ready(ops);
    }
    update();
  }

  // -------------------------------------------------------------------------------------- reading

  @Override
  public int read(ByteBuffer into) throws IOException {
    checkOpen();
    int before = into.position();
    int count = incoming.take(into);
    try {
      if (count == 0 && into.hasRemaining()) {
        throwFailure();
        count = decrypt(into);
      }
    } catch (IOException | RuntimeException e) {
      if (failure == null) {
        failure = afterHandshake(e);
      }
      count = into.position() - before;
      if (count == 0) {
        throw failure;
      }
    }
    update();
    return count;
  }

  private int decrypt(ByteBuffer into) throws IOException {
    int before = into.position();
    boolean again = phase == Phase.OPEN && incoming.end() == Incoming.End.NONE;
    for (int i = 0; again && i < MOST_DISTURBANCES; i++) {
      incoming.read(into);
      boolean disturbed = isDisturbed();
      if (disturbed) {
        phase = Phase.SHAKING;
        goOn();
        throwFailure();
      }
      again = disturbed && phase == Phase.OPEN && incoming.end() == Incoming.End.NONE;
    }
    int count = into.position() - before;
    return count > 0 || incoming.end() == Incoming.End.NONE ? count : ended();
  }

  /** Returns whether the engine has something to say or to do before it reads on. */
  private boolean isDisturbed() throws IOException {
    boolean ours =
        switch (engine.getHandshakeStatus()) {
          case NEED_WRAP, NEED_TASK -> true;
          default -> false;
        };
    if (ours && (incoming.end() == Incoming.End.SAID || outgoing.isEnding())) {
      boolean unused = outgoing.hasRoom() && outgoing.sendOwn(); // close_notify, with TLS 1.2
      return false;
    }
    return ours;
  }

  private int ended() throws IOException {
    if (incoming.end() == Incoming.End.CUT && !outgoing.isEnding()) {
      throw new IOException("the connection was cut: it ended without TLS's close_notify");
    }
    return -1;
  }

  private IOException afterHandshake(Exception e) {
    if (e instanceof SSLException tls) {
      return new TlsException(TlsFailure.afterHandshake(tls, gaveCertificate()), e);
    }
    return e instanceof IOException io ? io : new IOException(e);
  }

  // -------------------------------------------------------------------------------------- writing

  @Override
  public int write(ByteBuffer from) throws IOException {
    return (int) write(new ByteBuffer[] {from}, 0, 1);
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) throws IOException {
    checkOpen();
    throwFailure();
    if (outgoing.isEnding()) {
      throw new ClosedChannelException();
    } else if (phase != Phase.OPEN) {
      return 0;
    }
    try {
      return outgoing.write(from, offset, length);
    } catch (SSLException | RuntimeException e) {
      failure = afterHandshake(e);
      throw failure;
    } finally {
      update();
    }
  }

  // -------------------------------------------------------------------------------------- closing

  @Override
  public boolean shutdownOutput() throws IOException {
    checkOpen();
    throwFailure();
    boolean done = outgoing.end() && below.shutdownOutput();
    update();
    return done;
  }

  @Override
  public void resetOnClose() throws IOException {
    silent = true;
    below.resetOnClose();
  }

  private void checkOpen() throws ClosedChannelException {
    if (!below.isOpen()) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public boolean isOpen() {
    return below.isOpen();
  }

  /** Tells the peer why, if there is room for that now. */
  @Override
  public void close() throws IOException {
    try {
      if (below.isOpen() && !silent && !isWorking() && !outgoing.isBlocked()) {
        sayGoodbye();
      }
    } finally {
      outgoing.clear();
      incoming.clear();
      below.close();
    }
  }

  private void sayGoodbye() {
    try {
      boolean unused = outgoing.end();
    } catch (Throwable e) { // whatever it is, the socket must go
      NO_GOODBYE.write(attempt.connectionName(), e);
    }
  }

  // ---------------------------------------------------------------------------------- to be asked

  /** Any thread. */
  @Override
  public @Nullable SocketAddress localAddress() {
    return below.localAddress();
  }

  /** Any thread. */
  @Override
  public @Nullable SocketAddress remoteAddress() {
    return below.remoteAddress();
  }

  /** Any thread. */
  @Override
  public @Nullable TlsSession tlsSession() {
    return session;
  }
}

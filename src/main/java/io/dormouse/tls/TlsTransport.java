package io.dormouse.tls;

import io.dormouse.connection.TlsSession;
import io.dormouse.log.LogLine;
import io.dormouse.loop.Loop;
import io.dormouse.network.Attempt;
import io.dormouse.network.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
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
  private static final LogLine NO_CLOSE_NOTIFY =
      LogLine.debug(
          LoggerFactory.getLogger("io.dormouse.connections"),
          "{}: the peer is not told of the end by TLS");

  /** After so many changes of keys the other connections have their turn. */
  private static final int MOST_KEY_CHANGES = 2;

  private final Transport below;
  private final Attempt attempt;
  private final Outgoing outgoing;
  private final Incoming incoming;
  private final TlsHandshake handshake;

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
    this.outgoing = new Outgoing(below, engine);
    this.incoming = new Incoming(below, engine);
    this.handshake =
        new TlsHandshake(
            attempt,
            client,
            name,
            engine,
            outgoing,
            incoming,
            this::computed,
            this::computingFailed);
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
    return handshake.isDone();
  }

  /** Returns whether the handshake waits for this side and not for the peer. */
  boolean isComputing() {
    return handshake.isComputing();
  }

  /** Goes on with a handshake, if there is one, as far as that goes now. */
  private void goOn() {
    if (failure == null) {
      try {
        handshake.goOn();
      } catch (TlsException e) {
        failure = e;
      }
    }
    update();
  }

  private void computingFailed(TlsException e) {
    failure = e;
    computed();
  }

  private void computed() {
    if (below.isOpen()) {
      goOn();
      tellIfUsable();
    }
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
    if (failure != null) {
      return 0; // whoever uses this is told
    }
    int write = outgoing.isBlocked() ? SelectionKey.OP_WRITE : 0;
    if (handshake.isComputing()) {
      return write;
    } else if (!handshake.isDone()) {
      boolean reads = handshake.waitsForPeer() && !incoming.hasDecrypted();
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
    boolean reads = handshake.isDone() ? incoming.hasMore() : incoming.hasDecrypted();
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
    if (!handshake.isDone() || failure != null) {
      flushBelow(ops);
      goOn();
      tellIfUsable();
      return;
    }
    if ((wanted & SelectionKey.OP_WRITE) == 0) { // whoever writes is told if that fails
      flushBelow(ops);
    }
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
    if (handshake.isDone() || failure != null) {
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
      failure = afterHandshake(e); // one that was there before stays
      count = into.position() - before;
      if (count == 0) {
        throw failure;
      }
    }
    if (count > 0 && !handshake.isDone()) {
      goOn(); // it waited for what was decrypted to be taken
    }
    update();
    return count;
  }

  private int decrypt(ByteBuffer into) throws IOException {
    int before = into.position();
    boolean again = handshake.isDone() && incoming.end() == Incoming.End.NONE;
    for (int i = 0; again && i < MOST_KEY_CHANGES; i++) {
      incoming.read(into);
      boolean interrupted = handshakeComesFirst();
      if (interrupted) {
        handshake.begin();
        goOn();
        throwFailure();
      }
      again = interrupted && handshake.isDone() && incoming.end() == Incoming.End.NONE;
    }
    int count = into.position() - before;
    return count > 0 || incoming.end() == Incoming.End.NONE ? count : ended();
  }

  /** Returns whether the engine has something to say or to do before it reads on. */
  private boolean handshakeComesFirst() throws IOException {
    boolean ours = handshake.isDue();
    if (ours && (incoming.end() == Incoming.End.SAID || outgoing.isEnding())) {
      boolean unused = outgoing.hasRoom() && outgoing.sendOwn(); // close_notify, with TLS 1.2
      if (handshake.isDue() && incoming.end() == Incoming.End.NONE) {
        incoming.drop(); // with TLS 1.2 the peer wants to agree on all anew
      }
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
      return new TlsException(TlsFailure.afterHandshake(tls, handshake.clientCertificate()), e);
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
    } else if (!handshake.isDone()) {
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
    // While another thread computes it has the engine's lock, and asks code of the app's.
    boolean done = !isComputing() && outgoing.end() && below.shutdownOutput();
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
      if (below.isOpen() && !silent && !isComputing() && !outgoing.isBlocked()) {
        sendCloseNotify();
      }
    } finally {
      outgoing.clear();
      incoming.clear();
      below.close();
    }
  }

  private void sendCloseNotify() {
    try {
      boolean unused = outgoing.end();
    } catch (Throwable e) { // whatever it is, the socket must go
      NO_CLOSE_NOTIFY.write(attempt.connectionName(), e);
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
    return handshake.session();
  }
}

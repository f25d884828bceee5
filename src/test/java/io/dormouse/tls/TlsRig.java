package io.dormouse.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.loop.Loop;
import io.dormouse.loop.ManualLoop;
import io.dormouse.network.Transport;
import io.dormouse.support.Certificates;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;

/** A {@link TlsTransport} whose network, selector, threads and peer the test plays. */
final class TlsRig {
  /** A selector that announces so often what nobody takes would spin. */
  private static final int SPIN = 10_000;

  final ManualLoop loop = new ManualLoop();
  final Below below = new Below();
  final Queue<Runnable> work = new ArrayDeque<>(); // for other threads
  final TlsTransport transport;

  private final SSLEngine ours;
  private final SSLEngine server;
  final ByteArrayOutputStream serverReceived = new ByteArrayOutputStream();
  boolean serverSawEnd;
  private ByteBuffer toServer = ByteBuffer.allocate(1 << 22);

  private Loop.Registration registration;
  int told; // since it was looked at last
  int announcements;
  private boolean working; // as other threads

  TlsRig(String version) {
    this(version, false);
  }

  /** Creates one, with an engine like Android's or with the JDK's. */
  TlsRig(String version, boolean likeAndroid) {
    this(version, likeAndroid, localhost(), engine -> engine);
  }

  /** Creates one with the JDK's engine. */
  TlsRig(String version, SSLContext serverContext) {
    this(version, false, serverContext, engine -> engine);
  }

  /** Creates one with an engine of the test's own. */
  TlsRig(String version, UnaryOperator<SSLEngine> ofJdks) {
    this(version, false, localhost(), ofJdks);
  }

  private static SSLContext localhost() {
    return Certificates.server(Certificates.LOCALHOST).sslContext();
  }

  private TlsRig(
      String version,
      boolean likeAndroid,
      SSLContext serverContext,
      UnaryOperator<SSLEngine> ofJdks) {
    server = serverContext.createSSLEngine();
    server.setUseClientMode(false);
    server.setEnabledProtocols(new String[] {version});
    TlsClient client =
        TlsClient.of("test", options -> options.sslContext(Certificates.client().sslContext()));
    try {
      SSLEngine jdks = client.newEngine("localhost", 1);
      SSLEngine engine = likeAndroid ? new LikeConscrypt(jdks, () -> working) : ofJdks.apply(jdks);
      ours = engine;
      transport =
          new TlsTransport(below, new TestAttempt(loop, work::add), client, "localhost", engine);
      registration = transport.watch(loop, SelectionKey.OP_CONNECT, this::ready);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Returns one whose handshake is done, and of which nothing is wanted. */
  static TlsRig open(String version) throws IOException {
    TlsRig rig = new TlsRig(version);
    rig.shake();
    return rig;
  }

  void shake() throws IOException {
    for (int i = 0; i < 100 && !transport.finishConnect(); i++) {
      exchange();
    }
    assertThat(transport.finishConnect()).isTrue();
    registration = transport.watch(loop, 0, this::ready);
    want(SelectionKey.OP_READ); // the offer to resume the session
    exchange();
    ByteBuffer nothing = ByteBuffer.allocate(10);
    assertThat(transport.read(nothing)).isZero();
    want(0);
    told = 0;
  }

  private void ready(int ops) {
    announcements++;
    told |= ops;
    registration.interest(0); // until it has looked
  }

  void want(int ops) {
    registration.interest(ops);
  }

  /** Work, the peer and the selector, until nothing moves. */
  void exchange() {
    boolean moved = true;
    for (int i = 0; moved; i++) {
      assertThat(i).as("it spins").isLessThan(SPIN);
      moved = doWork();
      moved |= serve();
      loop.run();
      moved |= select();
    }
  }

  boolean doWork() {
    boolean any = !work.isEmpty();
    working = true;
    below.forbidden = true;
    while (!work.isEmpty()) {
      work.remove().run();
    }
    below.forbidden = false;
    working = false;
    loop.run();
    return any;
  }

  /** Has the selector announce what is ready below, if anything is. */
  boolean select() {
    int ops = below.ready();
    if (ops != 0) {
      below.handler.ready(ops);
      loop.run();
    }
    return ops != 0;
  }

  // ------------------------------------------------------------------------------------- the peer

  private static void runTasks(SSLEngine engine) {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
  }

  /** The server reads what it has got, and says what its handshake needs. */
  boolean serve() {
    boolean moved = false;
    try {
      byte[] came = below.takeWritten();
      toServer.put(came);
      boolean goesOn = true;
      while (goesOn) {
        switch (server.getHandshakeStatus()) {
          case NEED_TASK -> runTasks(server);
          case NEED_WRAP -> goesOn = wrap(ByteBuffer.allocate(0));
          default -> goesOn = unwrap();
        }
        moved |= goesOn;
      }
    } catch (SSLException e) {
      throw new AssertionError("the server is not content", e);
    }
    return moved;
  }

  private boolean unwrap() throws SSLException {
    if (serverSawEnd) {
      return false;
    }
    ByteBuffer plain = ByteBuffer.allocate(1 << 16);
    toServer.flip();
    SSLEngineResult result = server.unwrap(toServer, plain);
    toServer.compact();
    plain.flip();
    serverReceived.write(plain.array(), 0, plain.remaining());
    serverSawEnd = result.getStatus() == SSLEngineResult.Status.CLOSED;
    return result.bytesConsumed() > 0;
  }

  private boolean wrap(ByteBuffer plain) throws SSLException {
    ByteBuffer out = ByteBuffer.allocate(1 << 16);
    SSLEngineResult result = server.wrap(plain, out);
    below.send(out.flip());
    return result.bytesProduced() > 0;
  }

  /** The server sends this, in records as long as they may be. */
  void serverSends(byte[] bytes) {
    ByteBuffer plain = ByteBuffer.wrap(bytes);
    try {
      do {
        boolean unused = wrap(plain);
      } while (plain.hasRemaining());
    } catch (SSLException e) {
      throw new AssertionError(e);
    }
  }

  /** TLS 1.3: its keys, and asks for ours; TLS 1.2: asks to agree on all anew. */
  void serverChangesKeys() {
    try {
      server.beginHandshake();
      boolean unused = wrap(ByteBuffer.allocate(0));
    } catch (SSLException e) {
      throw new AssertionError(e);
    }
  }

  /** TLS 1.3: its keys, and does not ask for ours, since it was asked itself. */
  void serverChangesOnlyItsKeys() {
    try {
      ours.beginHandshake();
      ByteBuffer asks = ByteBuffer.allocate(1 << 16);
      SSLEngineResult unused = ours.wrap(ByteBuffer.allocate(0), asks);
      int unusedCount = below.write(asks.flip());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    assertThat(serve()).isTrue();
  }

  /** TLS 1.2: and not with the session that there is. */
  void serverAgreesOnAllAnew(String cipherSuite) {
    server.getSession().invalidate();
    server.setEnabledCipherSuites(new String[] {cipherSuite});
    serverChangesKeys();
  }

  void serverEnds() {
    server.closeOutbound();
    serverSends(new byte[0]);
  }

  // ------------------------------------------------------------------------------------- below

  /** What lies below. */
  static final class Below implements Transport {
    private final Queue<ByteBuffer> input = new ArrayDeque<>();
    private ByteArrayOutputStream written = new ByteArrayOutputStream();
    boolean inputEnds;
    IOException readFailure;
    IOException writeFailure;
    long room = Long.MAX_VALUE;
    int mostAtOnce = Integer.MAX_VALUE; // what a read gives
    int mostTaken = Integer.MAX_VALUE; // by a write
    long most = Long.MAX_VALUE; // what has come so far
    boolean outputShut;
    boolean reset;
    boolean closed;
    int reads;
    boolean forbidden; // to be used, since this is not the loop
    int interest;
    Loop.Handler handler;

    void send(ByteBuffer bytes) {
      if (bytes.hasRemaining()) {
        input.add(bytes);
      }
    }

    byte[] takeWritten() {
      byte[] bytes = written.toByteArray();
      written = new ByteArrayOutputStream();
      return bytes;
    }

    int ready() {
      boolean readable = (!input.isEmpty() && most > 0) || inputEnds || readFailure != null;
      int ops = (readable ? SelectionKey.OP_READ : 0) | (room > 0 ? SelectionKey.OP_WRITE : 0);
      return closed ? 0 : ops & interest;
    }

    @Override
    public boolean connect(InetSocketAddress to) {
      throw new AssertionError();
    }

    @Override
    public boolean finishConnect() {
      throw new AssertionError();
    }

    @Override
    public Loop.Registration watch(Loop loop, int ops, Loop.Handler newHandler) {
      handler = newHandler;
      interest = ops;
      return newOps -> interest = newOps;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      checkOpen();
      assertThat(forbidden).as("on another thread").isFalse();
      reads++;
      ByteBuffer next = input.peek();
      if (next == null) {
        if (readFailure != null) {
          throw readFailure;
        }
        return inputEnds ? -1 : 0;
      }
      int count = 0;
      int allowed = (int) Math.min(most, mostAtOnce);
      while (next != null && count < allowed && into.hasRemaining()) {
        int part = Math.min(allowed - count, Math.min(into.remaining(), next.remaining()));
        into.put(next.duplicate().limit(next.position() + part));
        next.position(next.position() + part);
        count += part;
        if (!next.hasRemaining()) {
          input.remove();
          next = input.peek();
        }
      }
      most -= count;
      return count;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
      checkOpen();
      if (writeFailure != null) {
        throw writeFailure;
      }
      int count = (int) Math.min(Math.min(room, mostTaken), from.remaining());
      for (int i = 0; i < count; i++) {
        written.write(from.get());
      }
      room -= count;
      return count;
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) {
      throw new AssertionError("one batch at a time");
    }

    @Override
    public boolean shutdownOutput() {
      outputShut = true;
      return true;
    }

    @Override
    public void resetOnClose() {
      reset = true;
    }

    @Override
    public SocketAddress localAddress() {
      return null;
    }

    @Override
    public SocketAddress remoteAddress() {
      return null;
    }

    private void checkOpen() throws ClosedChannelException {
      if (closed) {
        throw new ClosedChannelException();
      }
    }

    @Override
    public boolean isOpen() {
      return !closed;
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}

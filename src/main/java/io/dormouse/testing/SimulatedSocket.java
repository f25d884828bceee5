package io.dormouse.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * A socket that blocks, over the simulated network: who waits lets simulated time pass. For OkHttp,
 * which needs of a socket's options only that they can be set. Used by one thread that may wait at
 * a time; any thread may close it.
 */
final class SimulatedSocket extends Socket {
  private static final long FOREVER = TimeUnit.DAYS.toNanos(365);

  /** The test's thread does not wait for ever: all the rest of the world would go on meanwhile. */
  private static final long LONGEST_OF_TEST = TimeUnit.HOURS.toNanos(1);

  /** After so long in a pool OkHttp looks whether the server has closed, by its own, real clock. */
  private static final long IDLE = TimeUnit.SECONDS.toNanos(10);

  /** So long OkHttp waits for the rest of a response that nobody wants. */
  private static final long FOR_THE_REST = TimeUnit.MILLISECONDS.toNanos(100);

  private final SimulatedNetwork network;
  private final SimulatedPlatform platform;
  private final int readMillis;
  private final int writeMillis;
  private final InputStream input = new Input();
  private final OutputStream output = new Output();
  private @Nullable SimulatedTransport transport; // once it begins to connect
  private @Nullable InetSocketAddress remote; // once it is connected
  private int timeoutMillis;
  private boolean inUse; // by a call, and not in the pool
  private long usedNanos; // when it was last read from or written to
  private boolean hurries;
  private long hurriesSince;
  private int linger = -1;
  private boolean noDelay;
  private boolean keepAlive;
  private boolean inputShut;
  private boolean outputShut;
  private volatile boolean closed;

  /**
   * Creates one.
   *
   * @param readMillis how long a read waits if {@link #setSoTimeout} says nothing; 0: for ever
   * @param writeMillis the same for a write
   */
  SimulatedSocket(
      SimulatedNetwork network, SimulatedPlatform platform, int readMillis, int writeMillis)
      throws SocketException {
    super((SocketImpl) null);
    this.network = network;
    this.platform = platform;
    this.readMillis = readMillis;
    this.writeMillis = writeMillis;
    this.usedNanos = network.nanoTime();
  }

  /** Makes them for a client. */
  static final class Factory extends SocketFactory {
    private final SimulatedNetwork network;
    private final SimulatedPlatform platform;
    private final int readMillis;
    private final int writeMillis;

    Factory(SimulatedNetwork network, SimulatedPlatform platform, int readMillis, int writeMillis) {
      this.network = network;
      this.platform = platform;
      this.readMillis = readMillis;
      this.writeMillis = writeMillis;
    }

    boolean isOf(SimulatedNetwork which) {
      return network == which;
    }

    @Override
    public Socket createSocket() throws IOException {
      return new SimulatedSocket(network, platform, readMillis, writeMillis);
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
      throw new UnknownHostException("a simulated socket is connected to an address");
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort)
        throws IOException {
      return createSocket(host, port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
      Socket made = createSocket();
      made.connect(new InetSocketAddress(host, port));
      return made;
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
        throws IOException {
      return createSocket(host, port);
    }
  }

  // ---------------------------------------------------------------------------------- connecting

  @Override
  public void connect(SocketAddress to) throws IOException {
    connect(to, 0);
  }

  @Override
  public void connect(SocketAddress to, int millis) throws IOException {
    platform.checkMayWait();
    InetSocketAddress address = (InetSocketAddress) to;
    if (closed) {
      throw new SocketException("Socket is closed");
    } else if (transport != null) {
      throw new SocketException("already connected");
    } else if (address.isUnresolved()) {
      throw new UnknownHostException(address.getHostString());
    }
    SimulatedTransport made = network.openForBlocking();
    transport = made;
    try {
      boolean unused = made.connect(address);
      if (!await(() -> made.isReadyFor(SelectionKey.OP_CONNECT), millis)) {
        throw new SocketTimeoutException("Connect timed out");
      }
      boolean connected = made.finishConnect();
      if (connected) {
        remote = address;
      }
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /** Says whether a call uses it. */
  void inUse(boolean is) {
    inUse = is;
  }

  /** Says whether reads wait only for what comes soon. */
  void hurry(boolean does) {
    hurries = does;
    hurriesSince = network.nanoTime();
  }

  /** Waits until it is so, or the socket is closed, which throws; 0 for ever. */
  private boolean await(BooleanSupplier over, int millis) throws IOException {
    long longest = platform.isOnWorker() ? FOREVER : LONGEST_OF_TEST;
    long nanos = millis == 0 ? longest : TimeUnit.MILLISECONDS.toNanos(millis);
    if (hurries) {
      nanos = Math.min(nanos, Math.max(0, FOR_THE_REST - (network.nanoTime() - hurriesSince)));
    }
    try {
      boolean so = platform.await(() -> closed || over.getAsBoolean(), nanos);
      if (closed) {
        throw new SocketException("Socket closed");
      } else if (!so && millis == 0 && !hurries) {
        throw new AssertionError(
            "a call without a timeout has waited for an hour of simulated time: " + remote);
      }
      return so;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  private SimulatedTransport inUse() throws IOException {
    platform.checkMayWait();
    SimulatedTransport current = transport;
    if (closed || current == null || remote == null) {
      throw new SocketException(closed ? "Socket closed" : "Socket is not connected");
    }
    usedNanos = network.nanoTime();
    return current;
  }

  private static int receive(SimulatedTransport from, ByteBuffer into) throws SocketException {
    try {
      return from.read(into);
    } catch (IOException e) {
      throw asSocketException(e);
    }
  }

  private static void send(SimulatedTransport to, ByteBuffer from) throws SocketException {
    try {
      int unused = to.write(from);
    } catch (IOException e) {
      throw asSocketException(e);
    }
  }

  /** The JDK's sockets throw this for all that the system says, unlike its channels. */
  private static SocketException asSocketException(IOException e) {
    if (e instanceof SocketException socket) {
      return socket;
    }
    SocketException same = new SocketException(e.getMessage());
    same.initCause(e);
    return same;
  }

  // -------------------------------------------------------------------------------------- in use

  private final class Input extends InputStream {
    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      SimulatedTransport from = inUse();
      ByteBuffer buffer = ByteBuffer.wrap(into, offset, length);
      int count = length == 0 || inputShut ? 0 : receive(from, buffer);
      while (count == 0 && length > 0 && !inputShut) {
        if (!SimulatedSocket.this.await(
            () -> inputShut || from.isReadyFor(SelectionKey.OP_READ), soTimeout())) {
          throw new SocketTimeoutException("Read timed out");
        }
        count = inputShut ? 0 : receive(inUse(), buffer);
      }
      return count == 0 && length > 0 ? -1 : count;
    }

    @Override
    public void close() throws IOException {
      SimulatedSocket.this.close();
    }
  }

  private final class Output extends OutputStream {
    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      SimulatedTransport to = inUse();
      ByteBuffer buffer = ByteBuffer.wrap(from, offset, length);
      send(to, buffer);
      while (buffer.hasRemaining()) {
        if (!SimulatedSocket.this.await(() -> to.isReadyFor(SelectionKey.OP_WRITE), writeMillis)) {
          SimulatedSocket.this.close(); // as OkHttp does then: half a request is of no use
          throw new SocketTimeoutException("timeout");
        }
        send(inUse(), buffer);
      }
    }

    @Override
    public void close() throws IOException {
      SimulatedSocket.this.close();
    }
  }

  @Override
  public InputStream getInputStream() throws IOException {
    SimulatedTransport unused = inUse();
    return input;
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    SimulatedTransport unused = inUse();
    return output;
  }

  @Override
  public void shutdownInput() throws IOException {
    SimulatedTransport unused = inUse();
    inputShut = true;
  }

  @Override
  public void shutdownOutput() throws IOException {
    boolean unused = inUse().shutdownOutput();
    outputShut = true;
  }

  /** A thread of OkHttp's own may do this: the network hears of it where it runs. */
  @Override
  public synchronized void close() {
    closed = true;
    network.execute(this::closeTransport);
  }

  private void closeTransport() {
    SimulatedTransport current = transport;
    if (current == null || !current.isOpen()) {
      return;
    }
    try {
      if (linger == 0) {
        current.resetOnClose();
      }
    } catch (IOException e) {
      throw new AssertionError(e); // it is open
    }
    current.close();
  }

  @Override
  public boolean isConnected() {
    return remote != null;
  }

  @Override
  public boolean isBound() {
    return transport != null;
  }

  /**
   * Is asked before a pooled socket is used again: what OkHttp finds out of one that was not used
   * for a while it finds out here, where a while is simulated.
   */
  @Override
  public boolean isClosed() {
    SimulatedTransport current = transport;
    return closed
        || (!inUse
            && remote != null
            && current != null
            && network.nanoTime() - usedNanos >= IDLE
            && current.isReadyFor(SelectionKey.OP_READ));
  }

  @Override
  public boolean isInputShutdown() {
    return inputShut;
  }

  @Override
  public boolean isOutputShutdown() {
    return outputShut;
  }

  // ----------------------------------------------------------------------- addresses and options

  @Override
  public void bind(@Nullable SocketAddress local) {}

  @Override
  public @Nullable InetAddress getInetAddress() {
    return remote == null ? null : remote.getAddress();
  }

  @Override
  public int getPort() {
    return remote == null ? 0 : remote.getPort();
  }

  @Override
  public @Nullable SocketAddress getRemoteSocketAddress() {
    return remote;
  }

  @Override
  public @Nullable SocketAddress getLocalSocketAddress() {
    return transport == null ? null : transport.localAddress();
  }

  @Override
  public InetAddress getLocalAddress() {
    return network.ownAddress();
  }

  @Override
  public int getLocalPort() {
    return getLocalSocketAddress() instanceof InetSocketAddress local ? local.getPort() : -1;
  }

  @Override
  public synchronized void setSoTimeout(int millis) {
    timeoutMillis = millis;
  }

  @Override
  public synchronized int getSoTimeout() {
    return timeoutMillis;
  }

  private int soTimeout() {
    return timeoutMillis == 0 ? readMillis : timeoutMillis;
  }

  @Override
  public void setSoLinger(boolean on, int seconds) {
    linger = on ? seconds : -1;
  }

  @Override
  public int getSoLinger() {
    return linger;
  }

  @Override
  public void setTcpNoDelay(boolean on) {
    noDelay = on;
  }

  @Override
  public boolean getTcpNoDelay() {
    return noDelay;
  }

  @Override
  public void setKeepAlive(boolean on) {
    keepAlive = on;
  }

  @Override
  public boolean getKeepAlive() {
    return keepAlive;
  }

  @Override
  public synchronized void setSendBufferSize(int bytes) {}

  @Override
  public synchronized int getSendBufferSize() {
    return network.sendBuffer();
  }

  @Override
  public synchronized void setReceiveBufferSize(int bytes) {}

  @Override
  public synchronized int getReceiveBufferSize() {
    return network.receiveBuffer();
  }

  @Override
  public void setTrafficClass(int bits) {}

  @Override
  public int getTrafficClass() {
    return 0;
  }

  @Override
  public void setReuseAddress(boolean on) {}

  @Override
  public boolean getReuseAddress() {
    return false;
  }

  @Override
  public String toString() {
    return "SimulatedSocket[" + remote + "]";
  }
}

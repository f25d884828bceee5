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
 * which needs of a socket's options only that they can be set.
 */
final class SimulatedSocket extends Socket {
  private static final long FOREVER = TimeUnit.DAYS.toNanos(365);

  private final SimulatedNetwork network;
  private final SimulatedPlatform platform;
  private final InputStream input = new Input();
  private final OutputStream output = new Output();
  private @Nullable SimulatedTransport transport; // once it begins to connect
  private @Nullable InetSocketAddress remote; // once it is connected
  private int timeoutMillis;
  private int linger = -1;
  private boolean noDelay;
  private boolean keepAlive;
  private boolean inputShut;
  private boolean outputShut;
  private volatile boolean closed;

  SimulatedSocket(SimulatedNetwork network, SimulatedPlatform platform) {
    super((SocketImpl) null);
    this.network = network;
    this.platform = platform;
  }

  /** Makes them for a client. */
  static final class Factory extends SocketFactory {
    private final SimulatedNetwork network;
    private final SimulatedPlatform platform;

    Factory(SimulatedNetwork network, SimulatedPlatform platform) {
      this.network = network;
      this.platform = platform;
    }

    @Override
    public Socket createSocket() {
      return new SimulatedSocket(network, platform);
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

  /** Waits until it is so, or the socket is closed, which throws; 0 for ever. */
  private boolean await(BooleanSupplier over, int millis) throws IOException {
    long nanos = millis == 0 ? FOREVER : TimeUnit.MILLISECONDS.toNanos(millis);
    try {
      boolean so = platform.await(() -> closed || over.getAsBoolean(), nanos);
      if (closed) {
        throw new SocketException("Socket closed");
      }
      return so;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  private SimulatedTransport inUse() throws IOException {
    SimulatedTransport current = transport;
    if (closed || current == null || remote == null) {
      throw new SocketException(closed ? "Socket closed" : "Socket is not connected");
    }
    return current;
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
      int count = length == 0 || inputShut ? 0 : from.read(buffer);
      while (count == 0 && length > 0 && !inputShut) {
        if (!SimulatedSocket.this.await(
            () -> inputShut || from.isReadyFor(SelectionKey.OP_READ), timeoutMillis)) {
          throw new SocketTimeoutException("Read timed out");
        }
        count = inputShut ? 0 : from.read(buffer);
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
      int unused = to.write(buffer);
      while (buffer.hasRemaining()) {
        boolean room =
            SimulatedSocket.this.await(() -> to.isReadyFor(SelectionKey.OP_WRITE), 0);
        unused = room ? to.write(buffer) : 0;
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

  @Override
  public void close() throws IOException {
    SimulatedTransport current = transport;
    if (!closed) {
      closed = true;
      if (current != null) {
        if (linger == 0 && current.isOpen()) {
          current.resetOnClose();
        }
        current.close();
      }
    }
  }

  @Override
  public boolean isConnected() {
    return remote != null;
  }

  @Override
  public boolean isBound() {
    return transport != null;
  }

  @Override
  public boolean isClosed() {
    return closed;
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
  public void setSoTimeout(int millis) {
    timeoutMillis = millis;
  }

  @Override
  public int getSoTimeout() {
    return timeoutMillis;
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
  public void setSendBufferSize(int bytes) {}

  @Override
  public int getSendBufferSize() {
    return network.sendBuffer();
  }

  @Override
  public void setReceiveBufferSize(int bytes) {}

  @Override
  public int getReceiveBufferSize() {
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

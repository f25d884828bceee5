package io.dormouse.testing;

import io.dormouse.loop.Loop;
import io.dormouse.network.Transport;
import io.dormouse.network.TransportOptions;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Our end of a simulated stream. */
final class SimulatedTransport implements Transport {
  private static final Duration FIRST_RESEND = Duration.ofSeconds(1); // of a SYN, as on Linux
  private static final int MOST_RESENDS = 6; // some 127 s in all

  private final SimulatedNetwork network;
  private final TransportOptions options;
  private final Readiness readiness = new Readiness(this::ready);
  private final InetSocketAddress local;
  private @Nullable TcpEnd end; // null until it is connected
  private boolean connected; // and told so
  private @Nullable IOException connectFailure;
  private boolean resets;
  private boolean closed;

  SimulatedTransport(SimulatedNetwork network, TransportOptions options, InetSocketAddress local) {
    this.network = network;
    this.options = options;
    this.local = local;
  }

  /** Returns whether what is wanted can be tried, in the bits of {@link SelectionKey}. */
  boolean isReadyFor(int ops) {
    return (ready() & ops) != 0;
  }

  private int ready() {
    if (closed) {
      return 0;
    } else if (end == null || !connected) {
      return connectFailure != null || end != null ? SelectionKey.OP_CONNECT : 0;
    }
    return (end.isReadable() ? SelectionKey.OP_READ : 0)
        | (end.isWritable() ? SelectionKey.OP_WRITE : 0);
  }

  // ------------------------------------------------------------------------------- connecting

  @Override
  public boolean connect(InetSocketAddress to) throws IOException {
    checkOpen();
    if (network.isOffline()) {
      throw new SocketException("Network is unreachable");
    }
    network.connecting(local, to);
    Host host = network.hostAt(to.getAddress());
    if (host == null) {
      network.after(
          FIRST_RESEND.toNanos() << MOST_RESENDS,
          () -> fail(new ConnectException("Connection timed out")));
    } else {
      knock(host, to, 0);
    }
    return false;
  }

  private void knock(Host host, InetSocketAddress to, int resends) {
    network.after(
        host.link().nanos(40, true),
        () -> {
          if (closed) {
            return;
          } else if (!host.isReachable() || host.isSilent(to.getPort()) || host.link().isLost()) {
            knockAgain(host, to, resends);
          } else {
            answered(host, to);
          }
        });
  }

  private void knockAgain(Host host, InetSocketAddress to, int resends) {
    long wait = FIRST_RESEND.toNanos() << resends;
    if (resends == MOST_RESENDS) {
      network.after(wait, () -> fail(new ConnectException("Connection timed out")));
    } else {
      network.after(
          wait,
          () -> {
            if (!closed) {
              knock(host, to, resends + 1);
            }
          });
    }
  }

  private void answered(Host host, InetSocketAddress to) {
    TcpEnd theirs = host.accept(to, local);
    long back = host.link().reliableNanos(40, false);
    if (theirs == null) {
      network.after(back, () -> fail(new ConnectException("Connection refused")));
      return;
    }
    TcpEnd ours =
        new TcpEnd(
            network,
            host,
            true,
            local,
            to,
            options.sendBuffer().orElse(network.sendBuffer()),
            options.receiveBuffer().orElse(network.receiveBuffer()));
    TcpEnd.join(ours, theirs);
    network.after(back, () -> established(ours));
  }

  private void established(TcpEnd ours) {
    if (closed || connectFailure != null) {
      ours.close(true); // the peer gets a reset for its answer
      return;
    }
    end = ours;
    ours.onChange(readiness::changed);
    readiness.changed();
  }

  /** The system takes it away. */
  void kill() {
    if (end == null) {
      fail(new SocketException(SimulatedNetwork.KILLED));
    } else {
      end.abort(SimulatedNetwork.KILLED);
    }
  }

  /** The attempt fails, with the class that the JDK's channels have for what the system says. */
  private void fail(IOException why) {
    if (!closed && end == null) {
      connectFailure = why;
      readiness.changed();
    }
  }

  @Override
  public boolean finishConnect() throws IOException {
    checkOpen();
    if (connectFailure != null) {
      throw connectFailure;
    }
    connected = end != null;
    return connected;
  }

  // ---------------------------------------------------------------------------------- in use

  @Override
  public Loop.Registration watch(Loop loop, int ops, Loop.Handler handler) throws IOException {
    checkOpen();
    return readiness.watch(loop, ops, handler);
  }

  private TcpEnd inUse() throws IOException {
    checkOpen();
    if (!connected || end == null) {
      throw new NotYetConnectedException();
    }
    return end;
  }

  private void checkOpen() throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    return inUse().read(into);
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    return inUse().write(from);
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) throws IOException {
    long total = 0;
    for (int i = offset; i < offset + length; i++) {
      total += write(from[i]);
      if (from[i].hasRemaining()) {
        break;
      }
    }
    return total;
  }

  @Override
  public boolean shutdownOutput() throws IOException {
    inUse().shutdownOutput();
    return true;
  }

  @Override
  public void resetOnClose() throws IOException {
    checkOpen();
    resets = true;
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      network.closed(this);
      if (end != null) {
        end.close(resets);
      }
    }
  }

  @Override
  public @Nullable SocketAddress localAddress() {
    return closed ? null : local;
  }

  @Override
  public @Nullable SocketAddress remoteAddress() {
    return closed || end == null ? null : end.remote;
  }
}

package io.dormouse.tls;

import io.dormouse.loop.Loop;
import io.dormouse.network.ForwardingNetwork;
import io.dormouse.network.ForwardingTransport;
import io.dormouse.network.Network;
import io.dormouse.network.Transport;
import io.dormouse.network.TransportOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.security.GeneralSecurityException;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;

/** The system's network whose streams speak TLS, handshakes included. */
public final class TlsNetwork extends ForwardingNetwork {
  private final Loop loop;
  private final Executor threads;
  private final SSLContext context;

  /**
   * Creates one.
   *
   * @param threads does the steps of handshakes
   */
  public TlsNetwork(Loop loop, Executor threads, SSLContext context) {
    this.loop = loop;
    this.threads = threads;
    this.context = context;
  }

  @Override
  public Transport openStream(TransportOptions options) throws IOException {
    return new Dialled(Network.system().openStream(options));
  }

  /** Dials below, and then does the handshake: both are connecting. */
  private final class Dialled extends ForwardingTransport {
    private final Transport below;
    private Transport shaking;
    private IOException refused;

    Dialled(Transport below) {
      super(below);
      this.below = below;
    }

    private Transport top() {
      return shaking == null ? below : shaking;
    }

    @Override
    public Loop.Registration watch(Loop on, int ops, Loop.Handler handler) throws IOException {
      if (ops != SelectionKey.OP_CONNECT) {
        return top().watch(on, ops, handler);
      }
      return below.watch(on, ops, ready -> shake(on, handler));
    }

    private void shake(Loop on, Loop.Handler handler) {
      try {
        if (!below.finishConnect()) {
          return;
        }
        TlsClient client = TlsClient.of("test", options -> options.sslContext(context));
        shaking =
            new TlsTransport(
                below,
                new TestAttempt(loop, threads),
                client,
                "localhost",
                client.newEngine("localhost", 1));
        Loop.Registration unused =
            shaking.watch(
                on, SelectionKey.OP_CONNECT, ops -> handler.ready(SelectionKey.OP_CONNECT));
        boolean unusedToo = shaking.finishConnect();
      } catch (IOException e) {
        refused = e;
        handler.ready(SelectionKey.OP_CONNECT);
      } catch (GeneralSecurityException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public boolean finishConnect() throws IOException {
      if (refused != null) {
        throw refused;
      }
      return shaking != null && shaking.finishConnect();
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      return top().read(into);
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
      return top().write(from);
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) throws IOException {
      return top().write(from, offset, length);
    }

    @Override
    public boolean shutdownOutput() throws IOException {
      return top().shutdownOutput();
    }

    @Override
    public void close() throws IOException {
      top().close();
    }
  }
}

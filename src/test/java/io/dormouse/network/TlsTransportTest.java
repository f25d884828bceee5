package io.dormouse.network;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.dormouse.support.Await;
import io.dormouse.support.Certificates;
import io.dormouse.support.TlsServer;
import io.dormouse.tls.TlsNetwork;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;

/** TLS 1.3 over the system's own sockets, to the JDK's. */
class TlsTransportTest extends TransportContractTest {
  private final Frame frame = new Frame();
  private final CountDownLatch over = new CountDownLatch(1);

  /** The system's network, with TLS in every stream. */
  private static final class Frame extends LoopFrame.Real {
    private final ExecutorService threads = Executors.newSingleThreadExecutor();
    private final Network network =
        new TlsNetwork(loop(), threads, Certificates.client().sslContext());

    @Override
    public Network network() {
      return network;
    }

    @Override
    public void end() throws Exception {
      super.end();
      threads.shutdown();
    }
  }

  @Override
  LoopFrame frame() {
    return frame;
  }

  @AfterEach
  void endServer() {
    over.countDown();
  }

  @Override
  InetSocketAddress refused() throws IOException {
    return frame.refused();
  }

  @Override
  InetSocketAddress serve(Behaviour behaviour) {
    TlsServer server = new TlsServer(version(), (socket, below) -> play(behaviour, socket, below));
    frame.closeAtTheEnd(server);
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
  }

  /** The server offers to resume the session: that is to be read, and is nothing for who reads. */
  @Override
  void afterConnect(Behaviour behaviour) {
    if (behaviour == Behaviour.ECHOES || behaviour == Behaviour.RESETS_AFTER_A_BYTE) {
      readNothing();
    }
  }

  private void waitForTheEnd() {
    Await.hold(over);
  }

  String version() {
    return "TLSv1.3";
  }

  private void play(Behaviour behaviour, SSLSocket socket, Socket below) throws IOException {
    socket.startHandshake();
    switch (behaviour) {
      case ECHOES -> TlsServer.echo(socket, below);
      case READS_NOTHING -> waitForTheEnd();
      case ENDS_ITS_SIDE_AFTER_WORDS -> {
        socket.getOutputStream().write(WORDS.getBytes(US_ASCII));
        socket.shutdownOutput();
        waitForTheEnd();
      }
      case RESETS_AFTER_A_BYTE -> {
        int unused = socket.getInputStream().read();
        TlsServer.reset(below);
      }
    }
  }
}

package io.dormouse.network;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** The system's own sockets, over the loopback interface. */
class SocketTransportTest extends TransportContractTest {

  private final LoopFrame.Real frame = new LoopFrame.Real();

  @Override
  LoopFrame frame() {
    return frame;
  }

  @Override
  InetSocketAddress serve(Behaviour behaviour) throws IOException {
    ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    frame.closeAtTheEnd(server);
    Thread thread =
        new Thread(
            () -> {
              try {
                Socket socket = server.accept();
                frame.closeAtTheEnd(socket);
                play(behaviour, socket);
              } catch (IOException e) {
                // The test is over.
              }
            },
            "socket-transport-test-server");
    thread.setDaemon(true);
    thread.start();
    return (InetSocketAddress) server.getLocalSocketAddress();
  }

  private static void play(Behaviour behaviour, Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    switch (behaviour) {
      case ECHOES -> {
        byte[] bytes = new byte[1_000];
        for (int n = in.read(bytes); n > 0; n = in.read(bytes)) {
          socket.getOutputStream().write(bytes, 0, n);
        }
        socket.shutdownOutput();
      }
      case READS_NOTHING -> {}
      case ENDS_ITS_SIDE_AFTER_WORDS -> {
        socket.getOutputStream().write(WORDS.getBytes(US_ASCII));
        socket.shutdownOutput();
      }
      case RESETS_AFTER_A_BYTE -> {
        int unused = in.read();
        socket.setSoLinger(true, 0);
        socket.close();
      }
    }
  }

  @Override
  InetSocketAddress refused() throws IOException {
    return frame.refused();
  }
}

package io.dormouse.bench.traffic;

import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;

/** What is said to the server beside the measured datagrams, over a socket of its own. */
final class Tally implements Closeable {
  /** A question may be lost like any datagram, above all right after a flood. */
  private static final int QUESTIONS = 20;

  private static final int ANSWER_MILLIS = 250;

  private final DatagramSocket socket = new DatagramSocket();

  Tally(int port) throws SocketException {
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    socket.setSoTimeout(ANSWER_MILLIS);
  }

  /** Returns how many have come since this was asked last; 0 also if there is no answer. */
  long count() throws IOException {
    DatagramPacket answer = new DatagramPacket(new byte[9], 9);
    for (int i = 0; i < QUESTIONS; i++) {
      socket.send(new DatagramPacket(new byte[] {'n'}, 1));
      try {
        socket.receive(answer);
        return ByteBuffer.wrap(answer.getData()).getLong(1);
      } catch (SocketTimeoutException e) {
        // asked again
      }
    }
    return 0;
  }

  /** Tells that the end of what the server sent is known. */
  void thank() throws IOException {
    socket.send(new DatagramPacket(new byte[] {'t'}, 1));
  }

  @Override
  public void close() {
    socket.close();
  }
}

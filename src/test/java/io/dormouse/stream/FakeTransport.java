package io.dormouse.stream;

import io.dormouse.loop.Loop;
import io.dormouse.network.Transport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.util.ArrayDeque;
import java.util.Deque;

/** A transport that the test plays; {@link StreamRig} stands for the selector. */
final class FakeTransport implements Transport {
  /** What {@link #connect} answers: this, or true at once, or that it takes time. */
  Exception connectFailure;

  boolean connectsAtOnce = true;
  boolean connectDone; // if it takes time, whether that is over
  InetSocketAddress connectedTo;

  private final Deque<Object> input = new ArrayDeque<>(); // buffers, and a failure as the last
  boolean inputEnds; // after the input: the peer's FIN
  int reads;

  final ByteArrayOutputStream written = new ByteArrayOutputStream();
  long room = Long.MAX_VALUE; // how many bytes it still takes
  IOException writeFailure;
  Error writeError;
  int writes;
  int shutdownSteps = 1; // how often it has to be asked
  boolean outputShut;

  boolean resetOnClose;
  boolean closed;

  Loop.Handler handler;
  int interest;

  /** The peer sends this. */
  void send(ByteBuffer bytes) {
    input.add(bytes);
  }

  /** Reading fails after what was sent. */
  void breakInput(IOException failure) {
    input.add(failure);
  }

  /** What a selector would say. */
  int ready() {
    int read = !input.isEmpty() || inputEnds ? SelectionKey.OP_READ : 0;
    int write = room > 0 || writeFailure != null ? SelectionKey.OP_WRITE : 0;
    int connect = connectDone ? SelectionKey.OP_CONNECT : 0;
    return closed ? 0 : interest & (read | write | connect);
  }

  @Override
  public boolean connect(InetSocketAddress to) throws IOException {
    connectedTo = to;
    fail(connectFailure);
    return connectsAtOnce;
  }

  @Override
  public boolean finishConnect() throws IOException {
    fail(connectFailure);
    return connectDone;
  }

  private static void fail(Exception failure) throws IOException {
    if (failure instanceof IOException io) {
      throw io;
    } else if (failure instanceof RuntimeException unchecked) {
      throw unchecked;
    }
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
    reads++;
    Object next = input.peek();
    if (next instanceof IOException failure) {
      throw failure;
    } else if (next == null) {
      return inputEnds ? -1 : 0;
    }
    ByteBuffer bytes = (ByteBuffer) next;
    int count = Math.min(into.remaining(), bytes.remaining());
    into.put(bytes.duplicate().limit(bytes.position() + count));
    bytes.position(bytes.position() + count);
    if (!bytes.hasRemaining()) {
      input.remove();
    }
    return count;
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    return (int) write(new ByteBuffer[] {from}, 0, 1);
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) throws IOException {
    checkOpen();
    writes++;
    if (writeError != null) {
      throw writeError;
    } else if (writeFailure != null) {
      throw writeFailure;
    }
    long total = 0;
    for (int i = offset; i < offset + length; i++) {
      byte[] taken = new byte[(int) Math.min(room, from[i].remaining())];
      from[i].get(taken);
      written.writeBytes(taken);
      room -= taken.length;
      total += taken.length;
    }
    return total;
  }

  private void checkOpen() throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public boolean shutdownOutput() throws IOException {
    checkOpen();
    shutdownSteps--;
    outputShut = shutdownSteps <= 0;
    return outputShut;
  }

  @Override
  public void resetOnClose() {
    resetOnClose = true;
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public void close() {
    closed = true;
  }

  @Override
  public SocketAddress localAddress() {
    return null;
  }

  @Override
  public SocketAddress remoteAddress() {
    return connectedTo;
  }
}

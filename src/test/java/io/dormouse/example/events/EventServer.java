package io.dormouse.example.events;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockResponseBody;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okhttp3.HttpUrl;
import okio.BufferedSink;

/** The other side: keeps all events, and sends those after the last that a client has seen. */
final class EventServer implements AutoCloseable {
  private final MockWebServer server = new MockWebServer();
  private final List<String> events = new ArrayList<>(); // guarded by this, as all below
  private final List<String> lastIds = new ArrayList<>();
  private int cuts;
  private boolean closed;

  EventServer() throws IOException {
    server.setDispatcher(
        new Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) {
            return stream(request.getHeaders().get("Last-Event-ID"));
          }
        });
    server.start();
  }

  HttpUrl url() {
    return server.url("/events");
  }

  private synchronized MockResponse stream(String lastId) {
    lastIds.add(lastId == null ? "none" : lastId);
    int first = lastId == null ? 0 : Integer.parseInt(lastId);
    return new MockResponse.Builder()
        .body(new Stream(first, cuts))
        .removeHeader("Content-Length") // it ends when the connection does
        .onResponseEnd(new SocketEffect.CloseSocket())
        .addHeader("Content-Type", "text/event-stream")
        .build();
  }

  /** Returns the Last-Event-ID of each call, or "none". */
  synchronized List<String> lastIds() {
    return List.copyOf(lastIds);
  }

  synchronized void send(String event) {
    events.add(event);
    notifyAll();
  }

  /** Ends what streams now. */
  synchronized void cut() {
    cuts++;
    notifyAll();
  }

  /** Returns the event with this index, once it is there; null if the stream has to end. */
  private synchronized String await(int index, int cutsBefore) {
    try {
      while (events.size() <= index && cuts == cutsBefore && !closed) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
    return cuts == cutsBefore && !closed ? events.get(index) : null;
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    server.close();
  }

  private final class Stream implements MockResponseBody {
    private final int first;
    private final int cutsBefore;

    Stream(int first, int cutsBefore) {
      this.first = first;
      this.cutsBefore = cutsBefore;
    }

    @Override
    public long getContentLength() {
      return -1;
    }

    @Override
    public void writeTo(BufferedSink sink) throws IOException {
      sink.writeUtf8(": welcome\n\n").flush();
      int index = first;
      for (String e = await(index, cutsBefore); e != null; e = await(index, cutsBefore)) {
        index++;
        sink.writeUtf8("id: " + index + "\ndata: " + e + "\n\n").flush();
      }
    }
  }
}

package io.dormouse.example.sync;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.HttpUrl;

/** The other side: takes 100 ms for each photo. */
final class PhotoServer implements AutoCloseable {
  private final MockWebServer server = new MockWebServer();
  private final List<String> photos = new CopyOnWriteArrayList<>();

  PhotoServer() throws IOException {
    server.setDispatcher(
        new Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) throws InterruptedException {
            Thread.sleep(100);
            photos.add(request.getUrl().pathSegments().get(1));
            return new MockResponse.Builder().build();
          }
        });
    server.start();
  }

  HttpUrl folder() {
    return server.url("/photos");
  }

  /** Returns the names of those that have come. */
  List<String> photos() {
    return List.copyOf(photos);
  }

  @Override
  public void close() {
    server.close();
  }
}

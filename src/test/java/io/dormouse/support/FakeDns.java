package io.dormouse.support;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import okhttp3.Dns;

/** A resolver that answers without blocking, when the test says so. */
public final class FakeDns implements Dns {
  /** What it was asked. */
  public final List<FakeCall> calls = new CopyOnWriteArrayList<>();

  /** Is not to be used, since it would block. */
  @Override
  public List<InetAddress> lookup(String hostname) throws UnknownHostException {
    throw new AssertionError("a resolver that can do without was made to block");
  }

  @Override
  public Call newCall(Request request) {
    return new FakeCall(request);
  }

  /** Returns the question that was asked last. */
  public FakeCall last() {
    return calls.get(calls.size() - 1);
  }

  /** One question. */
  public final class FakeCall implements Call {
    private final Request request;
    private volatile Callback callback;
    private volatile boolean canceled;

    private FakeCall(Request request) {
      this.request = request;
    }

    @Override
    public Request getRequest() {
      return request;
    }

    @Override
    public void enqueue(Callback answer) {
      callback = answer;
      calls.add(this); // a question that was not asked yet can't be answered
    }

    @Override
    public void cancel() {
      canceled = true;
    }

    @Override
    public boolean isCanceled() {
      return canceled;
    }

    /** Answers with some addresses. */
    public void answer(boolean last, InetAddress... addresses) {
      List<Record> records = new ArrayList<>();
      Stream.of(addresses)
          .forEach(each -> records.add(new Record.IpAddress(request.hostname(), each)));
      callback.onRecords(this, last, records);
    }

    /** Answers that it can't say. */
    public void fail(IOException failure) {
      callback.onFailure(this, failure);
    }
  }
}

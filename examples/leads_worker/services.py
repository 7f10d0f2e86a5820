"""What the worker calls outside the database: a text service that writes, and a gateway that sends.

Each call carries the key of its message, which is the same whenever a message is tried again: a service that honours keys then
answers once. A call that fails raises CallFailed with a reason that may be stored; it never holds a customer's text.
"""
import email.message
import json
import smtplib
import time
import urllib.error
import urllib.parse
import urllib.request

MOST_BYTES = 64 * 1024


class CallFailed(Exception):
    """Why a call came to nothing."""


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirected POST would become a GET somewhere else."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        return None


OPENER = urllib.request.build_opener(NoRedirect)


def read(response, end):
    """All of an answer, which may come in drops: no longer than MOST_BYTES, and by a time of the clock."""
    answer = b''
    while part := response.read1(MOST_BYTES):
        answer += part
        if len(answer) > MOST_BYTES:
            raise CallFailed(f'an answer of more than {MOST_BYTES} bytes')
        if time.monotonic() > end:
            raise TimeoutError
    return answer


def post(url, key, document, timeout):
    """What an HTTP service answers to a JSON document: bytes."""
    end = time.monotonic() + timeout
    request = urllib.request.Request(url, json.dumps(document).encode(), method='POST',
                                     headers={'Content-Type': 'application/json', 'Idempotency-Key': key})
    try:
        with OPENER.open(request, timeout=timeout) as response:
            return read(response, end)
    except CallFailed:
        raise
    except urllib.error.HTTPError as error:
        error.close()
        raise CallFailed(f'HTTP status {error.code}') from None
    except (OSError, ValueError) as error:
        reason = getattr(error, 'reason', error)
        raise CallFailed('no answer in time' if isinstance(reason, TimeoutError) else f'no connection: {reason}') from None
    except Exception as error:  # http.client's own, when an answer is no HTTP
        raise CallFailed(f'no HTTP: {type(error).__name__}') from None


class TextService:
    """Writes: gets a template, its slots and the text that the template gives, and answers {"text": "..."}."""

    def __init__(self, url, timeout):
        if urllib.parse.urlsplit(url).scheme not in ('http', 'https'):
            raise ValueError(f'the text service has an http or https URL, not {url}')
        self.url = url
        self.timeout = timeout

    def write(self, message):
        answer = post(self.url, message['key'], {
            'template': message['template'], 'slots': message['slots'], 'text': message['text'], 'channel': message['channel'],
        }, self.timeout)
        try:
            text = json.loads(answer)['text']
        except (ValueError, KeyError, TypeError):
            raise CallFailed('an answer that is not {"text": "..."}') from None
        if not isinstance(text, str) or not text.strip() or '\0' in text:
            raise CallFailed('an empty text')
        return text


def address_of(message):
    if not message['address']:
        raise CallFailed('the customer has no address')
    return message['address']


class HttpGateway:
    """Sends by a gateway that takes JSON, as most for SMS do."""

    def __init__(self, url, timeout):
        self.url = url
        self.timeout = timeout

    def send(self, message):
        post(self.url, message['key'], {'to': address_of(message), 'channel': message['channel'], 'text': message['text']},
             self.timeout)


class MailGateway:
    """Sends by SMTP. The key is the Message-ID, by which mail systems know a message that comes twice."""

    def __init__(self, url, timeout, sender, subject):
        parts = urllib.parse.urlsplit(url)
        if not sender or '@' not in sender:
            raise ValueError('mail needs a sender, as --sender service@dealer.example')
        self.host = parts.hostname
        self.port = parts.port or (465 if parts.scheme == 'smtps' else 25)
        self.connect = smtplib.SMTP_SSL if parts.scheme == 'smtps' else smtplib.SMTP
        self.timeout = timeout
        self.sender = sender
        self.subject = subject

    def send(self, message):
        address = address_of(message)
        mail = email.message.EmailMessage()
        try:
            mail['From'] = self.sender
            mail['To'] = address
            mail['Subject'] = self.subject
            mail['Message-ID'] = f"<{message['key']}@{self.sender.rpartition('@')[2]}>"
            mail.set_content(message['text'])
            with self.connect(self.host, self.port, timeout=self.timeout) as server:
                server.send_message(mail)
        except smtplib.SMTPResponseException as error:
            raise CallFailed(f'SMTP status {error.smtp_code}') from None
        except smtplib.SMTPRecipientsRefused:
            raise CallFailed('the recipient was refused') from None
        except TimeoutError:
            raise CallFailed('no answer in time') from None
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise CallFailed(f'no mail: {type(error).__name__}') from None


def gateway_of(url, timeout, sender, subject):
    scheme = urllib.parse.urlsplit(url).scheme
    if scheme in ('http', 'https'):
        return HttpGateway(url, timeout)
    if scheme in ('smtp', 'smtps'):
        return MailGateway(url, timeout, sender, subject)
    raise ValueError(f'a gateway has an http, https, smtp or smtps URL, not {url}')

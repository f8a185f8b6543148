<?php
// Sends one message by what is in the Secret of a Sender, as variables of the environment: PHPMailer.
require 'vendor/autoload.php';

use PHPMailer\PHPMailer\PHPMailer;

$mail = new PHPMailer(true);
$mail->isSMTP();
$mail->Host = getenv('SMTP_HOST');
$mail->Port = (int) getenv('SMTP_PORT');
$mail->SMTPSecure = PHPMailer::ENCRYPTION_STARTTLS;
$mail->SMTPAuth = true;
$mail->Username = getenv('SMTP_USERNAME');
$mail->Password = getenv('SMTP_PASSWORD');
$mail->Timeout = 360;
if (getenv('SMTP_CERTIFICATES')) { // PHP takes authorities from a file only; this one goes with the program
    $file = tmpfile();
    fwrite($file, getenv('SMTP_CERTIFICATES'));
    $mail->SMTPOptions = ['ssl' => ['cafile' => stream_get_meta_data($file)['uri']]];
}
$mail->setFrom(getenv('SMTP_FROM'));
$mail->addAddress(getenv('TO'));
$mail->Subject = 'Your order';
$mail->Body = "It is on its way.\n";
$mail->send();
